"""How SQLite goes about each statement, and which of its steps read more the more runs are stored.

SQLite says how it would go about a statement, and says the same whatever is stored.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection

from tests.bench.history import TABLES

GROWING = {*TABLES, "cron_occurrences", "quotes", "quote_lines", "inbound_emails", "alerts"}
# Their values are few, so that many rows have each.
_COMMON = {
    "status", "outcome", "kind", "action_type", "entity_type", "to_status", "verdict", "channel", "workflow_type",
    "event_type", "risk_level", "record_type", "step", "lifecycle_status", "classification", "<expr>",
}  # fmt: skip
# Partial indexes that nearly every row is in; the others have the few rows that are not finished.
_NEARLY_ALL = {"proposal_once_per_place", "decision_once_per_proposal", "proposal_decided", "proposal_decided_for"}
FEW = {
    each.name
    for model in apps.get_models()
    for each in (*model._meta.indexes, *model._meta.constraints)
    if getattr(each, "condition", None) is not None
} - _NEARLY_ALL
# Each value of an index found from the one before it; of a workflow the last due moment, and what a clock that was
# ahead left of them.
_ONE_BY_ONE = ("RECURSIVE seen", '"scheduled_for" <=')
_SORTS = "USE TEMP B-TREE FOR ORDER BY"
_STEP = re.compile(r"(?P<how>SCAN|SEARCH) (?P<name>\w+)(?: USING (?P<by>[^(]+?))?(?: \((?P<terms>.+)\))?$")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: `how` in SQLite's words, of the statement `sql`."""

    how: str
    sql: str
    ordered: bool = True  # as an index or the table has the rows; False: they are sorted

    def __str__(self) -> str:
        return f"{self.how} << {self.sql}"

    @property
    def sorts(self) -> bool:
        """Whether it sorts what was read."""
        return self.how == _SORTS

    @property
    def everything(self) -> bool:
        """Whether it reads so much of a growing table as there is: all, a range without an end, all of a common value.

        Not when an index has few rows, nor when the statement asks for so many rows and for nothing but what the index
        tells: then each row that is read is one of them.
        """
        step = _STEP.match(self.how)
        table = step and _table(step["name"], self.sql)
        if step is None or table not in GROWING or (step["by"] or "").split(" ")[-1] in FEW:
            return False
        if any(said in self.sql for said in _ONE_BY_ONE):
            return False
        terms = step["terms"].split(" AND ") if step["terms"] else []
        if any(map(_selects, terms)):
            return "AUTOMATIC" in (step["by"] or "")
        part = _part(self.sql, step["name"])
        ends = (
            "LIMIT" in part or "MIN(" in self.sql or (step["how"] == "SEARCH" and not terms)
        )  # the last is MIN or MAX
        unfinished = "wake_at" in part or "lease_until" in part  # `_COMMON` does not tell the status of few from others
        return not unfinished and not (ends and self.ordered and len(terms) >= _conditions(part))

    @property
    def since(self) -> bool:
        """Whether it reads what came since some moment or row; the caller knows how long ago that is."""
        return bool(re.search(r"[( ](\w+_at|seq|rowid)>\?\)$", self.how))


@contextmanager
def steps(found: list[Step]) -> Iterator[None]:
    """The steps of every statement that is executed."""

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", sql) and not many:
            cursor = connection.create_cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            plan = [row[3] for row in cursor.fetchall()]
            found.extend(Step(how=how, sql=sql, ordered=_SORTS not in plan) for how in plan)
            cursor.close()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield


def _selects(term: str) -> bool:
    column, equal, _ = term.partition("=")
    return bool(equal) and column not in _COMMON


def _table(name: str, sql: str) -> str:
    """The table that the statement calls `name`."""
    alias = re.search(rf'"(\w+)" (?:AS )?"?{name}"?\b', sql)
    return alias[1] if alias else name


def _part(sql: str, name: str) -> str:
    """The SELECT that reads the table `name`, from its FROM on, with nothing of what it is nested in."""
    start = re.search(rf'(FROM|UPDATE|JOIN) "\w*"? ?"?{name}"?|(FROM|UPDATE|JOIN) "{name}"', sql)
    depth, rest = 0, sql[start.start() :] if start else sql
    for place, character in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return rest[:place]
    return rest


def _conditions(part: str) -> int:
    """How many conditions stand beside each other after its WHERE."""
    where = re.sub(r" (ORDER BY|GROUP BY|LIMIT)\b.*", "", part.partition(" WHERE ")[2], flags=re.DOTALL)
    if where.startswith("(") and _closes_last(where):
        where = where[1:-1]
    while (flat := re.sub(r"\([^()]*\)", "", where)) != where:
        where = flat
    return len(where.split(" AND ")) if where else 0


def _closes_last(text: str) -> bool:
    depth = 0
    for place, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return place == len(text) - 1
    return False
