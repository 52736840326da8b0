"""A backtest as a readable report and as data, run by run and in sum."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from workflows_app.runner.backtest.comparing import Change, Compared
from workflows_app.runner.backtest.runs import Asked, Tried
from workflows_app.runner.backtest.sums import Sum, Sums

_MOST = 12  # changes shown of one run; the rest is counted
_LONGEST = 200
_VALUE, _AROUND = 70, 20  # characters of a value that differs, and of what is the same before that
_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}
_KINDS: Final = {
    "gate": "gate",
    "proposal.stage": "proposal",
    "email.send": "letter",
    "netsuite.push": "NetSuite push",
    "event.record": "event",
    "http.request": "call",
    "row.insert": "new row",
    "row.update": "change of a row",
    "row.upsert": "new or changed row",
}


def head(asked: Asked, count: int) -> str:
    """What is tried against what."""
    until = f" and before {asked.until:%Y-%m-%d %H:%M} UTC" if asked.until else ""
    since = f"since {asked.since:%Y-%m-%d %H:%M} UTC{until}"
    contract = asked.file.contract
    if not count:
        return f"No run of {contract.workflow_type} was started {since}: there is nothing to compare."
    runs = "run" if count == 1 else "runs"
    newest = "the newest " if asked.limit == count else ""
    version = f"{contract.workflow_type} v{contract.contract_version}, from the file"
    return (
        f"{version}, against {newest}{count:,} {runs} started {since}.\n"
        f"Both versions plan with the inputs of the run in today's data; nothing is written."
    )


def lines(tried: Tried) -> Iterator[str]:
    """One run; nothing when both versions do the same."""
    compared = tried.compared
    if compared is None or compared.same:
        return
    run = tried.run
    drift = "; the data changed since" if tried.drifted else ""
    yield f"run {run.pk} of {run.queued_at:%Y-%m-%d %H:%M} UTC, v{run.contract.contract_version}{drift}"
    yield from (f"    {line[:_LONGEST]}" for line in _differences(compared))


def _differences(compared: Compared) -> Iterator[str]:
    if compared.was.ending != compared.now.ending:
        why = compared.now.problem or compared.was.problem
        yield f"! was {compared.was.ending}, would be {compared.now.ending}: {why}"
    for check in compared.checks:
        yield f"? check {check.check}: {check.was} → {check.now}" + (f": {check.why}" if check.why else "")
    for change in compared.changes[:_MOST]:
        yield from _change(change)
    if len(compared.changes) > _MOST:
        yield f"… and {len(compared.changes) - _MOST} more"


def _change(change: Change) -> Iterator[str]:
    place = " ".join(filter(None, [change.step, change.item]))
    inside = "".join(f" in “{title}”" for title in change.within)
    kind = _KINDS.get(change.kind, change.kind)
    yield f"{_SIGNS[change.how]} {kind} {change.what}{_amounts(change)} ({place}){inside}"
    for field in change.fields:
        was, now = _apart(_words(field["was"]), _words(field["now"]))
        yield f"      {field['where']}: {was} → {now}"


def _amounts(change: Change) -> str:
    amounts = [f"{Decimal(each):,.2f}" for each in (change.amount_was, change.amount_now) if each is not None]
    return f", {' → '.join(dict.fromkeys(amounts))}" if amounts else ""


def _words(value: Any) -> str:
    return "nothing" if value is None else " ".join(str(value).split())


def _apart(was: str, now: str) -> tuple[str, str]:
    """Both texts, of long ones the part around the first difference."""
    pairs = enumerate(zip(was, now, strict=False))
    same = next((place for place, (old, new) in pairs if old != new), min(len(was), len(now)))
    start = max(0, same - _AROUND) if max(len(was), len(now)) > _VALUE else 0
    return _part(was, start), _part(now, start)


def _part(text: str, start: int) -> str:
    end = start + _VALUE
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def summary(sums: Sums) -> Iterator[str]:
    """All runs in sum."""
    yield f"In sum: {sums.runs:,} planned, {sums.same:,} the same, {sums.runs - sums.same:,} different."
    if sums.left_out:
        yield f"  {sums.left_out:,} left out: each continues another run, which stands for it"
    for ending in ("blocked", "not planned"):
        if sums.ended(0, ending) or sums.ended(1, ending):
            yield (
                f"  {ending}: {sums.ended(0, ending):,} → {sums.ended(1, ending):,}"
                f" ({sums.newly(ending):,} newly, {sums.no_longer(ending):,} no longer)"
            )
    for (check, was, now), count in sorted(sums.checks.items()):
        yield f"  check {check}: {was} → {now} in {count:,}"
    for (kind, how), each in sorted(sums.changes.items()):
        yield f"  {_KINDS.get(kind, kind)}: {each.count:,} {how}{_money(each)}"
    if sums.drifted:
        yield f"  the data changed since: {sums.drifted:,} would be planned otherwise today by their own version"


def _money(each: Sum) -> str:
    amounts = [f"{amount:,.2f}" for amount in (each.was, each.now) if amount]
    return f" ({' → '.join(dict.fromkeys(amounts))})" if amounts else ""


def as_data(tried: Tried) -> dict[str, Any]:
    """One run for JSON."""
    compared, run = tried.compared, tried.run
    about = {"run_id": run.pk, "queued_at": run.queued_at, "contract_version": run.contract.contract_version}
    if compared is None:
        return {**about, "left_out": True}
    return {
        **about,
        "same": compared.same,
        "data_changed_since": tried.drifted,
        "was": {"ending": compared.was.ending, "problem": compared.was.problem},
        "now": {"ending": compared.now.ending, "problem": compared.now.problem},
        "checks": [vars(check) for check in compared.checks],
        "changes": [vars(change) for change in compared.changes],
    }
