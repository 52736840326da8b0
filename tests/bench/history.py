"""Many finished runs: one real one, stored over and over by the database itself under other ids and earlier dates."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from tests.bench.floor import TOKEN, Floor

# Every table that a run leaves rows in; the mirror does not grow by running.
TABLES = (
    "workflow_runs",
    "workflow_steps",
    "workflow_run_history",
    "workflow_run_log",
    "reflexion_log",
    "event_ledger",
    "workflow_verify_results",
    "proposed_actions",
    "decisions",
    "ns_pending_pushes",
    "outbound_email_log",
)
# Contexts and plans are cut: no list reads them, and half a million of them would fill the disk.
_LONGEST_TEXT = 1000
_BATCH = 50_000
# They are about so many customers, none of whom is the subject of what is measured.
_CUSTOMERS = 500
_CUSTOMER = {"entity_ref", "related_customer_id", "customer_name"}
# `i` counts, `h` is a hexadecimal word of its own for each: an odd factor mixes, and never gives two the same.
_NUMBERS = """
    WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}),
    numbered AS (SELECT i, {word} AS h FROM n)
"""
_MIXED = "(i * 2654435761) %% 4294967296"
_WORDS = {"sqlite": f"printf('%%08x', {_MIXED})", "postgresql": f"lpad(to_hex({_MIXED}), 8, '0')"}
_EARLIER = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, '-' || i || ' minutes') || '000'",
    "postgresql": "%s::timestamptz - i * interval '1 minute'",
}
_HURRY = {
    "sqlite": (
        ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000"),
        ("PRAGMA synchronous=FULL", "PRAGMA cache_size=-8000"),
    ),
    "postgresql": (("SET synchronous_commit = off",), ("RESET synchronous_commit", "VACUUM ANALYZE")),
}

Expression = tuple[str, list[Any]]


@dataclass(kw_only=True)
class History:
    """Finished runs like the one that was recorded, a minute apart, backwards from it."""

    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    stored: int = 0

    @classmethod
    def of(cls, floor: Floor) -> "History":
        """What one recorded run left in the tables that grow."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for written in (written for commit in floor.commits for written in commit if written.table in TABLES):
            found.setdefault(written.table, []).extend(written.new)
        return cls(rows={table: found[table] for table in TABLES if table in found})

    @property
    def rows_of_a_run(self) -> int:
        """How many rows one run leaves."""
        return sum(map(len, self.rows.values()))

    def grow(self, size: int) -> None:
        """Store runs until there are `size`."""
        with _in_a_hurry():
            while self.stored < size:
                last = min(size, self.stored + _BATCH)
                with transaction.atomic(), connection.cursor() as cursor:
                    for sql, values in self._statements(self.stored + 1, last):
                        cursor.execute(sql, values)
                self.stored = last

    def _statements(self, first: int, last: int) -> Iterator[Expression]:
        numbers = _NUMBERS.format(first=first, last=last, word=_WORDS[connection.vendor])
        for table, rows in self.rows.items():
            for place, row in enumerate(rows):
                columns = [name for name in row if not _by_the_database(table, name)]
                found = [_expression(table, name, row[name], place, len(rows)) for name in columns]
                names, sources = ", ".join(f'"{name}"' for name in columns), ", ".join(sql for sql, _ in found)
                values = [value for _, each in found for value in each]
                yield f'INSERT INTO "{table}" ({names}) {numbers} SELECT {sources} FROM numbered', values


def _expression(table: str, column: str, value: Any, place: int, many: int) -> Expression:
    """The value for run `i`."""
    if (table, column) == ("decisions", "seq"):
        return f"1000000 + i * {many} + {place}", []
    if column in _CUSTOMER and value:
        return f"'customer ' || i %% {_CUSTOMERS}", []
    if column in _moments(table) and value is not None:
        return _EARLIER[connection.vendor], [value]
    if isinstance(value, str):
        return _fresh(value[:_LONGEST_TEXT])
    return "%s", [value]


def _fresh(text: str) -> Expression:
    """The text with each id and hash made one of its own."""
    parts, values, end = [], [], 0
    for token in TOKEN.finditer(text):
        parts.append("%s || h || %s")
        values += [text[end : token.start()], token.group()[8:]]
        end = token.end()
    return " || ".join([*parts, "%s"]), [*values, text[end:]]


@cache
def _moments(table: str) -> frozenset[str]:
    return frozenset(field.column for field in _fields(table) if isinstance(field, models.DateTimeField))


def _by_the_database(table: str, column: str) -> bool:
    """Whether the database itself writes this column: it counts, or adds the words of a text."""
    ours = {field.column for field in _fields(table) if not isinstance(field, models.AutoField)}
    return column not in ours


@cache
def _fields(table: str) -> tuple[Any, ...]:
    return next(model._meta.concrete_fields for model in apps.get_models() if model._meta.db_table == table)


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """Store without waiting for the disk; afterwards as ever, and the database knows its tables."""
    hurry, ever = _HURRY[connection.vendor]
    with connection.cursor() as cursor:
        for statement in hurry:
            cursor.execute(statement)
        yield
        for statement in ever:
            cursor.execute(statement)
