"""Test 19 of QUALITY.md: 10,000 random values as parameters write nothing, break nothing and take no time.

The same seed runs on both databases and must leave the same digest, so that not one row differs between them.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from approvals.canonical import canonical, digest
from tests.integration.reading.world import NOW
from workflows_app.contracts.expressions import Pattern
from workflows_app.contracts.sql import CompiledQuery, Parameter, compile_query
from workflows_app.contracts.sql.mentioned import mentioned_tables
from workflows_app.models import catalog
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.query import fetch
from workflows_app.reading.readonly import Cursor, guard

ROUNDS = 2_500
PARAMETERS = 4
TABLES = ["customers", "quotes", "ar_aging", "customer_payments"]
QUERIES = [
    "SELECT id FROM customers WHERE LOWER(companyname) = LOWER(?) OR companyname LIKE ? OR id IN (?) "
    "OR credit_limit > ?",
    "SELECT id, total FROM quotes WHERE generated_at > ? OR total BETWEEN ? AND ? ORDER BY total DESC LIMIT ?",
    "SELECT customer_id, SUM(amount) AS s FROM ar_aging WHERE days_overdue >= ? AND tranid NOT IN (?) "
    "GROUP BY customer_id HAVING SUM(amount) <> ? OR customer_id < ?",
    "SELECT id, COALESCE(transaction_id, ?) AS t FROM customer_payments WHERE payment_date <= ? "
    "OR amount IN (?) OR id = ?",
]
# Of all outcomes together, the same on both databases; changes only with this file and the rows of `world`.
EXPECTED = "3385e1c59adc39d40746184cd4fa29b8f5c9669dc85e08714ab4ff83d99266af"
NASTY = ["'", '"', "\\", "%", "_", "%s", "?", ";", "--", "/*", "\x00", "�", "ä", "É", "ß", "İ", "😀", "\u202e"]
WORDS = [*NASTY, "1", "2", "B", "a", "q1", "100% Juice Co", "DROP TABLE customers", "' OR '1'='1", "pg_sleep(9)"]
Random = random.Random


def _text(rng: Random) -> str:
    return "".join(rng.choices(WORDS, k=rng.randint(0, 3)))


def _moment(rng: Random) -> datetime:
    noon_or_midnight = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=12 * rng.randint(-200, 200))
    return noon_or_midnight + timedelta(microseconds=rng.choice([0, 1]))


def _number(rng: Random) -> Decimal:
    return Decimal(rng.randint(-30_000, 30_000)).scaleb(-rng.randint(0, 4))


def _integer(rng: Random) -> int:
    return rng.choice([0, 1, 3, 5, 95, -1, 2**31, 2**62, 2**63, -(2**80)])


def _strange(rng: Random) -> Any:
    numbers = [Decimal(text) for text in ("NaN", "Infinity", "1e25", "1e-25", "1e999")]
    texts = ["2026-03-02", "2026-03-02T00:00:00Z", "2026-02-30", Pattern("a%")]
    return rng.choice([*numbers, *texts, date.max, date.min, True, None, 1.5, b"x", {}, object])


FITTING: dict[str, Callable[[Random], Any]] = {
    "text": _text,
    "decimal": _number,
    "integer": _integer,
    "natural": _integer,
    "datetime": _moment,
    "moment": lambda rng: rng.choice([_moment(rng), _moment(rng).date()]),
}


def _value(rng: Random, parameter: Parameter) -> Any:
    """Mostly a value of the kind that fits, else anything."""
    kinds = [FITTING[parameter.kind]] * 12 + [_strange, _text, _integer]
    if parameter.usage == "in" or rng.random() < 0.05:
        return [rng.choice(kinds)(rng) for _ in range(rng.choice([0, 1, 2, 5]))]
    return rng.choice(kinds)(rng)


def _outcome(rng: Random, compiled: CompiledQuery, cursor: Cursor) -> Any:
    """What random values give; the sentence when one is refused before the database sees it.

    One that runs longer than the two seconds is an error of the database.
    """
    values = [_value(rng, parameter) for parameter in compiled.parameters]
    try:
        return fetch(compiled, values, NOW, cursor=cursor)
    except ReadingError as error:
        return "refused" if str(error).startswith("parameter") else f"DATABASE ERROR {error}"


def _fingerprint() -> list[Any]:
    found = []
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found.append(cursor.fetchall())
    return found


@pytest.mark.usefixtures("rows")
def test_no_value_writes_breaks_or_delays_anything() -> None:
    rng = Random(20_260_331)
    queries = [compile_query(sql, tables=mentioned_tables(sql), catalog=catalog.tables()) for sql in QUERIES]
    before = _fingerprint()

    with guard(TABLES) as cursor:
        outcomes = [_outcome(rng, rng.choice(queries), cursor) for _ in range(ROUNDS)]

    assert ROUNDS * PARAMETERS == 10_000
    assert _fingerprint() == before
    assert [outcome for outcome in outcomes if str(outcome).startswith("DATABASE")] == []
    assert sum(outcome != "refused" for outcome in outcomes) > ROUNDS / 4
    assert digest(canonical(outcomes)) == EXPECTED
