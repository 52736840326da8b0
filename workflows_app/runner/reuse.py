"""What a run that continues an earlier one takes over from it: what was done there is not done again.

The ids of rows are derived from the first run of the chain, so that what is planned now finds what was done then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from approvals.canonical import parse
from workflows_app.contracts.expressions import free_names, references
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.effects.data import Effect, Plan, PlannedItem
from workflows_app.effects.difference import Place
from workflows_app.models import WorkflowRun, WorkflowStep
from workflows_app.providers.registry import PROVIDERS
from workflows_app.runner.preconditions import CheckResult

_LEFT = frozenset({"failed", "not_reached", "dropped"})
_TABLES = {"proposal.stage": "proposed_actions", "netsuite.push": "ns_pending_pushes", "event.record": "event_ledger"}


@dataclass(frozen=True, kw_only=True)
class Reuse:
    """What was done before, by place, as items that do nothing more.

    `settled`: the steps of which nothing is left, with all their items. `tables`: what was written. `held`: the checks
    that passed then.
    """

    run_id: str = ""
    items: Mapping[Place, PlannedItem] = field(default_factory=dict)
    settled: Mapping[str, Plan] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


NOTHING = Reuse()


def continued(run: WorkflowRun) -> str:
    """The run that `run` continues; empty for one that begins afresh."""
    return str(parse(run.trigger).get("continues", ""))


def origin(run: WorkflowRun) -> str:
    """The first run of the chain: the one from which the ids of rows are derived."""
    return str(parse(run.trigger).get("origin", run.pk))


def reuse_of(run: WorkflowRun) -> Reuse:
    """What `run` takes over from those before it."""
    earlier = list(_chain(run))
    if not earlier:
        return NOTHING
    items: dict[Place, PlannedItem] = {}
    for each in reversed(earlier):
        items |= _done(each)
    last = earlier[0]
    return Reuse(
        run_id=last.pk,
        items=items,
        settled=_settled(last, items),
        tables=frozenset(table for item in items.values() for table in _written(item["reused"]["effects"])),
        held=frozenset(check["check"] for check in parse(last.checks) if check["passed"]),
    )


def softened(checks: list[CheckResult], contract: Contract, reuse: Reuse) -> list[CheckResult]:
    """The results, a block that what was done may have caused itself as a warning that says so.

    Such a check held when the work began, and reads a table that was written since: a customer that was created there
    is not a duplicate of itself. Every other check blocks as ever.
    """
    return [_softened(check, contract, reuse) for check in checks]


def _softened(check: CheckResult, contract: Contract, reuse: Reuse) -> CheckResult:
    own = check["check"] in reuse.held and _tables_read(check["rule"], contract) & reuse.tables
    if check["passed"] or check["severity"] != "block" or not own:
        return check
    detail = f"it held in run {reuse.run_id}, which has changed what it reads; {check['detail']}".rstrip("; ")
    return {**check, "severity": "warn", "detail": detail}


def _tables_read(rule: str, contract: Contract) -> set[str]:
    """The tables behind the context that a rule names, and those that it reads itself."""
    names = {path[0] for path in free_names(rule)}
    entries = [entry for entry in contract.context if entry.name in names]
    return {table for entry in entries for table in _sources(entry)} | {table for table, _ in references(rule)}


def _sources(entry: ContextEntry) -> tuple[str, ...]:
    return entry.tables if entry.provider is None else PROVIDERS[entry.provider].spec.tables


# --- what was done ----------------------------------------------------------------------------------------------------


def _chain(run: WorkflowRun) -> Iterator[WorkflowRun]:
    """The runs that `run` continues, the latest first."""
    seen = {run.pk}
    while (before := continued(run)) and before not in seen:
        seen.add(before)
        run = WorkflowRun.objects.defer("context").get(pk=before)
        yield run


def _done(run: WorkflowRun) -> dict[Place, PlannedItem]:
    plan = _planned(run)
    records = WorkflowStep.objects.filter(run=run, status="done")
    return {(record.step, record.item): _as_done(plan[record.step, record.item], record) for record in records}


def _planned(run: WorkflowRun) -> dict[Place, PlannedItem]:
    plan: Plan = parse(run.plan)
    return {(item["step"], item["item"]): item for item in plan}


def _as_done(item: PlannedItem, record: WorkflowStep) -> PlannedItem:
    return {
        **item,
        "skipped": f"done in run {record.run_id}",
        "effects": [],
        "reused": {"run": record.run_id, "output": parse(record.output), "effects": item["effects"]},
    }


def _settled(run: WorkflowRun, items: Mapping[Place, PlannedItem]) -> dict[str, Plan]:
    """The steps of the last run that have something done and nothing left, with every item in the plan's order."""
    plan = _planned(run)
    records: dict[str, list[WorkflowStep]] = {}
    for record in WorkflowStep.objects.filter(run=run).order_by("position"):
        records.setdefault(record.step, []).append(record)
    return {
        step: [items.get((record.step, record.item)) or plan[record.step, record.item] for record in mine]
        for step, mine in records.items()
        if any((record.step, record.item) in items for record in mine)
        and not any(_is_left(record, plan) for record in mine)
    }


def _is_left(record: WorkflowStep, plan: Mapping[Place, PlannedItem]) -> bool:
    """Whether there is something to do yet; also when a person skipped it, which the plan did not."""
    by_hand = record.status == "skipped" and not plan[record.step, record.item]["skipped"]
    return record.status in _LEFT or by_hand


def _written(effects: Iterable[Effect]) -> Iterator[str]:
    """The tables that effects write, also those that a proposal would, which may be approved by now."""
    for effect in effects:
        yield str(effect.get("table") or _TABLES.get(effect["kind"], ""))
        yield from _written(effect.get("on_approve") or ())  # type: ignore[arg-type]
