"""The floor: the rows that one real run writes, written by raw SQL in as many commits, and nothing else."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.db import connection

Key = tuple[Any, ...]
Table = dict[Key, dict[str, Any]]
Statement = tuple[str, list[Any]]

# Whatever must be new in every run: ids and the hashes of the decision chain.
TOKEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")
_BEGIN = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}
# Counted by the product, not by the database.
_COUNTED = {("decisions", "seq"), ("decision_chain", "count")}


@dataclass(frozen=True, kw_only=True)
class Written:
    """What one transaction left in one table: new rows, and the changed columns of rows that were there."""

    table: str
    primary_key: list[str]
    new: list[dict[str, Any]]
    changed: dict[Key, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The transactions of one recorded run, each as what it left in every table."""

    commits: list[list[Written]]

    @property
    def rows(self) -> str:
        """How much is written, for the report."""
        new = sum(len(written.new) for commit in self.commits for written in commit)
        changed = sum(len(written.changed) for commit in self.commits for written in commit)
        tables = len({written.table for commit in self.commits for written in commit})
        return f"{new} new rows and {changed} updates in {tables} tables and {len(self.commits)} commits"

    def statements(self, salt: str) -> list[list[Statement]]:
        """The same rows with ids of their own, as statements: made before the clock starts."""
        decision = _next_decision()
        return [
            [statement for written in commit for statement in _statements(written, salt, decision)]
            for commit in self.commits
        ]


def write(commits: list[list[Statement]]) -> None:
    """Execute the statements on Django's own connection (its settings), past Django."""
    raw = connection.connection
    cursor = raw.cursor()
    for commit in commits:
        cursor.execute(_BEGIN[connection.vendor])
        for sql, values in commit:
            cursor.execute(sql, values)
        cursor.execute("COMMIT")


def snapshot() -> dict[str, Table]:
    """Every row of every table of ours by primary key, as the driver gives it.

    Not what the database itself keeps beside them: the words of texts, in columns or tables of its own.
    """
    with connection.cursor() as cursor:
        return {name: _rows(cursor, name, columns) for name, columns in _tables().items()}


def record(snapshots: list[dict[str, Table]]) -> Floor:
    """What changed from each snapshot to the next: one commit each."""
    return Floor(commits=[_commit(before, after) for before, after in pairwise(snapshots)])


def _tables() -> dict[str, list[str]]:
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.db_table: [field.column for field in model._meta.concrete_fields]
        for model in models
        if model._meta.managed and not model._meta.proxy
    }


def _rows(cursor: Any, table: str, columns: list[str]) -> Table:
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(f'SELECT {names} FROM "{table}"')
    keys = _primary_key(table)
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return {tuple(row[name] for name in keys): row for row in rows}


def _primary_key(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return connection.introspection.get_primary_key_columns(cursor, table) or []


def _commit(before: Mapping[str, Table], after: Mapping[str, Table]) -> list[Written]:
    found = [_written(table, before[table], rows) for table, rows in after.items() if rows != before[table]]
    return sorted(found, key=lambda written: _depth(written.table))


def _written(table: str, before: Table, after: Table) -> Written:
    changed = {
        key: {name: value for name, value in row.items() if value != before[key][name]}
        for key, row in after.items()
        if key in before and row != before[key]
    }
    new = [row for key, row in after.items() if key not in before]
    return Written(table=table, primary_key=_primary_key(table), new=new, changed=changed)


def _depth(table: str) -> int:
    """Tables that others refer to come first."""
    with connection.cursor() as cursor:
        relations = connection.introspection.get_relations(cursor, table)
    referred = {found[1] for found in relations.values()} - {table}
    return 1 + max(map(_depth, referred), default=0)


def _statements(written: Written, salt: str, decision: int) -> list[Statement]:
    found = [_insert(written, salt, decision)] if written.new else []
    return found + [_update(written, key, changes, salt, decision) for key, changes in written.changed.items()]


def _insert(written: Written, salt: str, decision: int) -> Statement:
    columns = [name for name in written.new[0] if not _numbered(written, name)]
    values = [_fresh(written.table, name, row[name], salt, decision) for row in written.new for name in columns]
    one = f"({', '.join([_mark()] * len(columns))})"
    names = ", ".join(f'"{name}"' for name in columns)
    rows = ", ".join([one] * len(written.new))
    return f'INSERT INTO "{written.table}" ({names}) VALUES {rows}', values


def _update(written: Written, key: Key, changes: Mapping[str, Any], salt: str, decision: int) -> Statement:
    sets = ", ".join(f'"{name}" = {_mark()}' for name in changes)
    where = " AND ".join(f'"{name}" = {_mark()}' for name in written.primary_key)
    values = [_fresh(written.table, name, value, salt, decision) for name, value in changes.items()]
    values += [_fresh(written.table, "", value, salt, decision) for value in key]
    return f'UPDATE "{written.table}" SET {sets} WHERE {where}', values


def _numbered(written: Written, name: str) -> bool:
    """Whether the database numbers this column itself."""
    number = isinstance(written.new[0][name], int)
    return number and [name] == written.primary_key and (written.table, name) not in _COUNTED


def _fresh(table: str, column: str, value: Any, salt: str, decision: int) -> Any:
    if (table, column) in _COUNTED:
        return decision
    return TOKEN.sub(lambda token: _other(token.group(), salt), value) if isinstance(value, str) else value


def _other(token: str, salt: str) -> str:
    """Another token of the same form, the same one wherever the old one stands."""
    fresh = hashlib.sha256((salt + token).encode()).hexdigest()
    return fresh if len(token) == len(fresh) else "-".join(re.findall("^.{8}|.{4}", fresh)[:4]) + "-" + fresh[-12:]


def _next_decision() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(count), 0) + 1 FROM decision_chain")
        return int(cursor.fetchone()[0])


def _mark() -> str:
    return "?" if connection.vendor == "sqlite" else "%s"
