"""What a verify kind is: a question about the world after a run. One file per kind stands in `checks/kinds/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from approvals.canonical import to_json
from workflows_app.contracts.expressions import EvaluationError, free_names, is_true
from workflows_app.contracts.schema import VerifyCheck
from workflows_app.contracts.values import freeze, thaw
from workflows_app.reading.scope import Scope

C = TypeVar("C", bound=VerifyCheck)


class CheckNotExecutedError(Exception):
    """A check could not be executed; the message says why. It is tried again until its time is over."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Whether what was expected holds, and what was found, in words."""

    passed: bool
    detail: str


class VerifyKind(Generic[C]):
    """Staged when a run ends, executed when its window is over."""

    name: str
    options: type[C]
    in_database: ClassVar[bool] = False
    """Whether looking is one reading of the database, so that it may be done inside a decision."""

    def asked(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """What is looked for, and with which values, for a person: JSON-ready."""
        return {name: to_json(thaw(spec[name])) for name in ("path", "key", "params", "expect") if spec.get(name)}

    def stage(self, check: C, scope: Scope) -> dict[str, Any]:
        """What executing needs, as JSON-ready data with all parameters resolved. Raises `EvaluationError`."""
        raise NotImplementedError

    def execute(self, spec: Mapping[str, Any], now: datetime) -> Finding:
        """Look at the world. Raises `CheckNotExecutedError`."""
        raise NotImplementedError


def frozen_names(expect: str, found: frozenset[str], scope: Scope) -> dict[str, Any]:
    """What the names of an expectation mean when the run ends, frozen, but for those that are `found` later."""
    paths = sorted(path for path in free_names(expect) if path[0] not in found)
    return {".".join(path): freeze(scope.lookup(path)) for path in paths}


def holds(expect: str, names: Mapping[str, Any], found: Mapping[str, Any], now: datetime) -> bool:
    """Whether an expectation is TRUE of what was found. Raises `CheckNotExecutedError` when it cannot be told."""
    known: dict[str, Any] = dict(found)
    for name, value in names.items():
        *parents, last = name.split(".")
        place = known
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = thaw(value)
    try:
        return is_true(expect, Scope(now=now, aliases=known))
    except EvaluationError as error:
        raise CheckNotExecutedError(f"{expect}: {error}") from error
