"""Which verify checks look at which effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workflows_app.checks.kinds.sql import SqlCheck
from workflows_app.contracts.schema import Contract, VerifyCheck
from workflows_app.contracts.sql.errors import QueryError
from workflows_app.contracts.sql.mentioned import mentioned_tables
from workflows_app.models import VerifyResult
from workflows_app.netsuite.mirrors import MIRRORS
from workflows_app.runner.verify_staging import checked_by, place

_CONFIRMED: Final = "lastmodifieddate"
"""NULL until NetSuite has confirmed the row: a query that names it looks at the push, not at our own row."""


@dataclass(frozen=True, kw_only=True)
class Looks:
    """The checks of a contract, and their results as far as they are staged."""

    checks: Sequence[VerifyCheck]
    results: Mapping[str, VerifyResult]

    def of(self, step: str, effect: Mapping[str, Any]) -> tuple[list[VerifyResult], int]:
        """The results of the checks that look at an effect of `step`, and how many checks do."""
        named = [check.name for check in self.checks if _looks(check, step, effect)]
        staged = [self.results[name] for name in named if name in self.results]
        idle = bool(staged) and len(staged) == len(named) and all(each.status == "not_applicable" for each in staged)
        return staged, 0 if idle else len(named)


def looks_at(contract: Contract | None, results: Sequence[VerifyResult]) -> Looks:
    """The checks of a contract; none when it does not load any more."""
    return Looks(checks=contract.verify if contract else (), results={result.name: result for result in results})


def _looks(check: VerifyCheck, step: str, effect: Mapping[str, Any]) -> bool:
    """A check that names its step looks at that one, and each at what it proposed itself; any other at the rows of the
    tables that it reads."""
    if checked_by(step):
        return step == place(check.name)
    if check.of or check.after:
        return step in (check.of, check.after)
    return isinstance(check, SqlCheck) and _watched(effect) in _tables(check)


def _watched(effect: Mapping[str, Any]) -> tuple[str, bool]:
    """The table in which an effect shows, and whether NetSuite has to confirm it."""
    if effect["kind"] == "netsuite.push":
        model = MIRRORS.get(effect["record_type"])
        return (model._meta.db_table if model else "", True)
    table = _TABLES.get(effect["kind"], "") or str(effect.get("table", ""))
    return (table, False)


_TABLES: Final = {
    "proposal.stage": "proposed_actions",
    "email.send": "outbound_email_log",
    "event.record": "event_ledger",
}


def _tables(check: SqlCheck) -> set[tuple[str, bool]]:
    try:
        return {(table, _CONFIRMED in check.sql.lower()) for table in check.tables or mentioned_tables(check.sql)}
    except QueryError:
        return set()
