"""What a customer owes, by days past due, as the customer record shows it. Not queryable by SuiteQL."""

import sqlite3
from datetime import date
from typing import Any

_OPEN = """
    SELECT foreignamountunpaid AS amount, substr(duedate, 1, 10) AS due FROM "transaction"
    WHERE entity = ? AND type = 'CustInvc' AND foreignamountunpaid > 0
"""
_UNUSED = """
    SELECT COALESCE(SUM(foreignpaymentamountunused), 0) FROM "transaction"
    WHERE entity = ? AND type IN ('CustPymt', 'CustCred')
"""
_BUCKETS = (("aging", 0), ("aging1", 30), ("aging2", 60), ("aging3", 90))


def balances(db: sqlite3.Connection, customer: int, today: str) -> dict[str, Any]:
    """`balance`, `overdueBalance`, `daysOverdue` and the five buckets of a customer."""
    found = dict.fromkeys(("aging", "aging1", "aging2", "aging3", "aging4"), 0.0)
    oldest = 0
    for amount, due in db.execute(_OPEN, (customer,)):
        late = (date.fromisoformat(today) - date.fromisoformat(due)).days if due else 0
        found[_bucket(late)] += amount
        oldest = max(oldest, late)
    unused = db.execute(_UNUSED, (customer,)).fetchone()[0]
    open_total, current = sum(found.values()), found["aging"]
    return {"balance": round(open_total - unused, 2), "overdueBalance": round(open_total - current, 2),
            "daysOverdue": oldest, **{name: round(amount, 2) for name, amount in found.items()}}  # fmt: skip


def _bucket(late: int) -> str:
    return next((name for name, limit in _BUCKETS if late <= limit), "aging4")
