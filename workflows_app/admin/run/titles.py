"""What a run is about, in words, for lists: without reading its context or its plan."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Substr

from approvals.canonical import parse
from approvals.models import ProposedAction
from workflows_app.admin.run.names import said
from workflows_app.admin.run.standing import until_wake
from workflows_app.admin.run.story import Story
from workflows_app.admin.run.troubles import read_error
from workflows_app.contracts.expressions import EvaluationError
from workflows_app.models import ReflexionLog, WorkflowContract, WorkflowRun
from workflows_app.models.run import READY
from workflows_app.runner import gate
from workflows_app.runner.reading import final_scope

_LONGEST: Final = 200
_ENDED: Final = ": ended as "
_NAMES: Final = ("company_name", "customer_name", "name", "quote_id", "item_code", "invoice_ref")


def with_titles(runs: "QuerySet[WorkflowRun]") -> "QuerySet[WorkflowRun]":
    """The runs with what `title` needs: the title of the gate, the beginning of what is remembered, the contract's."""
    card = ProposedAction.objects.filter(pk=OuterRef("proposal_id"))
    memory = ReflexionLog.objects.filter(run=OuterRef("pk")).annotate(start=Substr("narrative", 1, _LONGEST))
    contract = WorkflowContract.objects.filter(pk=OuterRef("contract_id"))
    pending = ProposedAction.objects.filter(run_id=OuterRef("pk"), status="pending").order_by().values("run_id")
    return runs.annotate(
        open_decisions=Subquery(pending.annotate(count=Count("pk")).values("count")),
        card_title=Subquery(card.values("title")[:1]),
        memory_start=Subquery(memory.values("start")[:1]),
        contract_title=Subquery(contract.values("title")[:1]),
    )


def title(run: Any) -> str:
    """The title of a run that was read by `with_titles`."""
    if run.card_title:
        return str(run.card_title)
    remembered, found, _ = (run.memory_start or "").partition(_ENDED)
    if found:
        return str(remembered)
    inputs = parse(run.inputs)
    about = next((inputs[name] for name in _NAMES if isinstance(inputs.get(name), str) and inputs[name]), "")
    return str(run.contract_title) + (f": {about}" if about else "")


def waits_for(run: Any, now: datetime) -> str:
    """What an open run waits for, how many decisions of an ended one are open, or why it did not do all."""
    if run.status in READY and run.wake_at is not None:
        return f"another attempt, {until_wake(run.wake_at, now)}"
    if run.status in _WAITS:
        return _WAITS[run.status]
    if run.open_decisions:
        return "one decision" if run.open_decisions == 1 else f"{run.open_decisions} decisions"
    if run.status in ("partial", "failed"):
        return read_error(run.error).plain
    return "" if run.status == "completed" else said(run.error.replace("_", " "))


_WAITS: Final = {
    "queued": "a worker",
    "running": "a worker",
    "awaiting_approval": "a decision",
    "held": "the hold to be lifted",
}


def title_of(story: Story) -> str:
    """The title of the run of a story; what its contract says about it, when it never had a card."""
    if story.gate is not None:
        return story.gate.title
    if story.contract is None:
        return story.run.contract.title
    try:
        return gate.title(story.contract, final_scope(story.run, story.contract, story.now))
    except (EvaluationError, KeyError, ValueError):
        return story.run.contract.title
