"""What a run that continues an earlier one takes over from it: what was done there is not done again.

The ids of rows are derived from the first run of the chain, so that what is planned now finds what was done then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from approvals.canonical import parse
from workflows_app.effects.data import Plan, PlannedItem
from workflows_app.effects.difference import Place
from workflows_app.models import WorkflowRun, WorkflowStep
from workflows_app.steps.columns import is_row_effect
from workflows_app.steps.current import laid_over

Inserted = Mapping[str, Mapping[str, Mapping[str, Any]]]

_LEFT = frozenset({"failed", "not_reached", "dropped"})


@dataclass(frozen=True, kw_only=True)
class Reuse:
    """What was done before, by place, as items that do nothing more.

    `settled`: the steps of which nothing is left, with all their items. `inserted`: the new rows by table and id,
    as they were left, in canonical values.
    """

    run_id: str = ""
    items: Mapping[Place, PlannedItem] = field(default_factory=dict)
    settled: Mapping[str, Plan] = field(default_factory=dict)
    inserted: Inserted = field(default_factory=dict)


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
        inserted=_inserted(items.values()),
    )


def inserted_by(run: WorkflowRun) -> Inserted:
    """The rows that a run itself inserted, by table and id, as it left them."""
    return _inserted(_done(run).values())


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
    records = WorkflowStep.objects.filter(run=run, status="done").order_by("position")
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


def _inserted(items: Iterable[PlannedItem]) -> Inserted:
    """The rows that these items inserted, with all that they did to them; what a person unticked was not done.

    A proposal's own effects are not among them: those were decided, and may have been refused, by themselves.
    """
    done = [effect for item in items for effect in item["reused"]["effects"] if is_row_effect(effect)]
    done = [effect for effect in done if effect.get("tick") is not False]
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    left = laid_over({}, done)
    for effect in done:
        if effect["kind"] == "row.insert" or (effect["kind"] == "row.upsert" and effect["was"] is None):
            rows.setdefault(effect["table"], {})[effect["id"]] = left[effect["table"], effect["id"]]
    return rows
