"""What differs between two sides: checks, effects, proposals and what they hold, one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from workflows_app.effects.data import Plan
from workflows_app.effects.difference import Difference, changed_fields
from workflows_app.runner.backtest.sides import Side
from workflows_app.runner.preconditions import CheckResult, said

How = Literal["added", "removed", "changed"]
GATE: Final = "gate"
_Found = dict[tuple[str, ...], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One effect that only one side has, or that both have with other values.

    `kind`: that of the effect, or `gate`. `within`: the titles of the proposals around it. Amounts are money as text.
    """

    how: How
    kind: str
    step: str
    item: str
    what: str
    within: tuple[str, ...] = ()
    amount_was: str | None = None
    amount_now: str | None = None
    fields: tuple[Difference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckChange:
    """A check with another result, or that only one side has. `was` and `now`: passes, warns, blocks, or not there."""

    check: str
    was: str
    now: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Both sides of a run, and how the second differs from the first."""

    was: Side
    now: Side
    checks: tuple[CheckChange, ...]
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        """Whether both versions would do the very same, with the same checks."""
        return not self.checks and not self.changes and self.was.ending == self.now.ending


def compare(was: Side, now: Side) -> Compared:
    """The second side against the first."""
    return Compared(was=was, now=now, checks=tuple(_checks(was, now)), changes=tuple(_changes(_all(was), _all(now))))


def drifted(stored: Plan, today: Side) -> bool:
    """Whether the version that made the stored plan plans something else today: the data has changed since."""
    return _everything(stored) != _everything(today.plan)


# --- checks -----------------------------------------------------------------------------------------------------------

_NOT_THERE: Final = "is not there"


def _checks(was: Side, now: Side) -> Iterator[CheckChange]:
    """By name, in the order of the second side; none when one of them could not be read at all."""
    if "not planned" in (was.ending, now.ending):
        return
    before, after = ({check["check"]: check for check in each.checks} for each in (was, now))
    for name in dict.fromkeys([*after, *before]):
        old, new = _result(before.get(name)), _result(after.get(name))
        if old != new:
            shown = after.get(name) or before[name]
            yield CheckChange(check=name, was=old, now=new, why="" if shown["passed"] else said(shown))


def _result(check: CheckResult | None) -> str:
    if check is None:
        return _NOT_THERE
    return "passes" if check["passed"] else {"block": "blocks", "warn": "warns"}[check["severity"]]


# --- effects ----------------------------------------------------------------------------------------------------------


def _all(side: Side) -> _Found:
    card: _Found = {(GATE,): {"kind": GATE, "what": side.card["title"], **side.card}} if side.card else {}
    return card | _everything(side.plan)


def _everything(plan: Plan) -> _Found:
    """Every effect of a plan, and those inside of proposals, each by its place: step, item, and ids from outside in."""
    return {place: effect for item in plan for place, effect in _flat(item["effects"], (item["step"], item["item"]))}


def _flat(effects: Sequence[Any], place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    for effect in effects:
        here = (*place, f"{effect.get('table', effect['kind'])} {effect['id']}")
        yield here, {name: value for name, value in effect.items() if name != "on_approve"}
        yield from _flat(effect.get("on_approve", ()), here)


def _changes(was: _Found, now: _Found) -> Iterator[Change]:
    for place in dict.fromkeys([*was, *now]):
        old, new = was.get(place), now.get(place)
        if old is None and new is not None:
            yield _change("added", place, new, now, amount_now=new.get("amount"))
        elif new is None and old is not None:
            yield _change("removed", place, old, was, amount_was=old.get("amount"))
        elif old is not None and new is not None and old != new:
            amounts = {"amount_was": old.get("amount"), "amount_now": new.get("amount")}
            yield _change("changed", place, new, now, fields=tuple(changed_fields(old, new)), **amounts)


def _change(how: How, place: tuple[str, ...], effect: Mapping[str, Any], found: _Found, **facts: Any) -> Change:
    step, item = (*place[:2], "")[:2]
    around = [found[place[:length]]["title"] for length in range(3, len(place))]
    kind = str(effect["kind"])
    return Change(how=how, kind=kind, step=step, item=item, what=_called(effect), within=tuple(around), **facts)


def _called(effect: Mapping[str, Any]) -> str:
    """What an effect is about, in few words."""
    kind = effect["kind"]
    if kind in ("proposal.stage", GATE):
        return f"{effect.get('action_type', 'the whole run')}: {effect['title']}"
    if kind == "email.send":
        return f"to {effect['to']}: {effect['subject']}"
    if kind == "netsuite.push":
        return f"{effect['record_type']} {effect['external_id']}"
    named = {"event.record": "event_type", "http.request": "path"}.get(kind)
    return str(effect[named]) if named else f"{effect['table']} {effect['id']}"
