"""100,000 random expressions mean in our language what they mean in SQLite (QUALITY.md, test 21)."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import pytest

from tests.unit.contracts.expressions.facts import facts
from tests.unit.contracts.expressions.random_expressions import NAMES, RandomExpressions, for_sqlite
from workflows_app.contracts.expressions import evaluate

SEEDS = range(10)
EXPRESSIONS_PER_SEED = 10_000
BATCH = 250  # expressions of one SELECT
SALT = os.environ.get("EXPRESSION_SEED") or str(Random().randrange(10**9))


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    """One row whose columns are the names that the expressions use."""
    connection = sqlite3.connect(":memory:")
    columns = ", ".join(f"{name} {'TEXT' if isinstance(value, str) else 'INTEGER'}" for name, value in NAMES.items())
    connection.execute(f"CREATE TABLE facts ({columns})")
    connection.execute(f"INSERT INTO facts VALUES ({', '.join('?' * len(NAMES))})", list(NAMES.values()))
    yield connection
    connection.close()


def in_sqlite(connection: sqlite3.Connection, expressions: Sequence[str]) -> tuple[Any, ...]:
    columns = ", ".join(for_sqlite(expression) for expression in expressions)
    row: tuple[Any, ...] = connection.execute(f"SELECT {columns} FROM facts").fetchone()
    return row


def as_sqlite(value: Any) -> Any:
    """SQLite has no truths of its own: they are 1 and 0."""
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize("seed", SEEDS)
def test_random_expressions_mean_what_they_mean_in_sqlite(database: sqlite3.Connection, seed: int) -> None:
    source = RandomExpressions(random=Random(f"{SALT}/{seed}"))
    env = facts(**NAMES)
    mismatches: list[tuple[str, Any, Any]] = []

    for _ in range(EXPRESSIONS_PER_SEED // BATCH):
        expressions = [source.expression() for _ in range(BATCH)]
        ours = [as_sqlite(evaluate(expression, env)) for expression in expressions]
        theirs = in_sqlite(database, expressions)
        mismatches += [found for found in zip(expressions, ours, theirs, strict=True) if found[1] != found[2]]

    assert mismatches[:5] == [], f"EXPRESSION_SEED={SALT}: {len(mismatches)} mismatches"


def test_the_comparison_can_fail(database: sqlite3.Connection) -> None:
    """`/` divides integers in SQLite, which is why it is left out above."""
    assert as_sqlite(evaluate("7 / 2", facts())) != in_sqlite(database, ["7 / 2"])[0]


def test_the_random_expressions_are_worth_comparing() -> None:
    """They use every construct and come out TRUE, FALSE and NULL, each often enough."""
    source = RandomExpressions(random=Random(f"{SALT}/variety"))
    expressions = [source.expression() for _ in range(2_000)]
    env = facts(**NAMES)
    truths = [evaluate(expression, env) for expression in expressions]

    assert all(sum(truth is value for truth in truths) > 100 for value in (True, False, None))
    whole = " ".join(expressions).upper()
    words = [
        "AND",
        "OR",
        "NOT IN",
        "NOT LIKE",
        "NOT BETWEEN",
        "IS NOT NULL",
        "COALESCE",
        "LOWER",
        "<>",
        ">=",
        "- ",
        "*",
    ]
    assert [word for word in words if whole.count(word) < 20] == []
