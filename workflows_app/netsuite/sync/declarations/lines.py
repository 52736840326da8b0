"""`transaction_lines` ← the item lines of a transaction: not its total, its taxes, nor what is booked for the cost.

Every column but the id is NetSuite's. A line is matched by its transaction and number, and the lines of a transaction
are always read together, so that one that is gone is seen. NetSuite stores what leaves the company negative; here
cases and amounts of a sale are positive.
"""

from typing import Any

from workflows_app.models import SpecItem
from workflows_app.netsuite.sync.values import Reading, Record, decimal

_SIGNS = {"CustInvc": -1, "SalesOrd": -1, "Estimate": -1}


def sql(ids: str) -> str:
    """The lines of transactions; `ids` are NetSuite's, separated by commas."""
    return (
        "SELECT l.uniquekey AS id, l.transaction AS parent, l.id AS line, l.item, i.itemid, l.memo, l.quantity, "  # noqa: S608
        "l.rate, l.foreignamount FROM transactionline l LEFT JOIN item i ON i.id = l.item "
        f"WHERE l.transaction IN ({ids}) AND l.mainline = 'F' AND l.taxline = 'F' "
        "AND (l.iscogs = 'F' OR l.iscogs IS NULL) AND l.uniquekey > ? ORDER BY l.uniquekey"
    )


def row(record: Record, kind: str, parent: str, reading: Reading) -> dict[str, Any]:
    """Our columns of a line of a transaction of a type, under our key of it."""
    sign = _SIGNS.get(kind, 1)
    known = reading.known.get(SpecItem, {})
    return {
        "transaction_id": parent,
        "line": int(record["line"]),
        "item_code": known.get(record.get("item", ""), record.get("itemid")),
        "description": record.get("memo"),
        "quantity": sign * decimal(record, "quantity") + 0,
        "rate": decimal(record, "rate"),
        "amount": sign * decimal(record, "foreignamount") + 0,
    }
