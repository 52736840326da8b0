"""The rows of the inbox as its list shows them, and how many wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.admin.utils import quote
from django.db.models import Count, Q, QuerySet, Sum

from approvals.canonical import parse
from approvals.models import ProposedAction
from workflows_app.models import WorkflowRun
from workflows_app.presentation import moments, words
from workflows_app.presentation.card import read_check

COUNTED: Final = 1_000


@dataclass(frozen=True, kw_only=True)
class Row:
    """One waiting proposal. Those of one `group` can be decided together: one step of one workflow, one action type."""

    pk: str
    title: str
    amount: str
    customer: str
    age: str
    left: str
    overdue: bool
    risk: int
    warnings: tuple[str, ...]
    workflow: str
    kind: str
    group: str
    digest: str
    address: str

    @property
    def what(self) -> str:
        """The kind with its workflow."""
        return f"{self.kind} of {self.workflow}" if self.workflow else self.kind


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How much waits. `count` is at most 1,000; then `more` is true and the other figures are of the first 1,000."""

    count: int
    overdue: int
    amount: str
    more: bool


def read_rows(proposals: Iterable[ProposedAction], now: datetime) -> tuple[Row, ...]:
    """The rows of these proposals, in their order. One query for all their runs."""
    listed = list(proposals)
    runs = _runs({proposal.run_id for proposal in listed if proposal.run_id})
    return tuple(_row(proposal, runs.get(proposal.run_id), now) for proposal in listed)


def count(rows: QuerySet[ProposedAction], now: datetime) -> Waiting:
    """Count at most 1,000 of them; the count is of whatever the index gives first."""
    some = rows.order_by("expires_at")[: COUNTED + 1]
    found = some.aggregate(n=Count("id"), overdue=Count("id", filter=Q(window_ends_at__lt=now)), sum=Sum("amount"))
    return Waiting(
        count=min(found["n"], COUNTED),
        overdue=found["overdue"],
        amount=words.money(found["sum"]),
        more=found["n"] > COUNTED,
    )


def kind_of(proposal: ProposedAction) -> str:
    """The kind in words."""
    if proposal.run_id and not proposal.step:
        return "Whole run"
    return words.sentence(proposal.action_type)


def _runs(ids: set[str]) -> Mapping[str, WorkflowRun]:
    columns = ("id", "workflow_type", "checks", "contract__title")
    return {run.pk: run for run in WorkflowRun.objects.filter(pk__in=ids).select_related("contract").only(*columns)}


def _row(proposal: ProposedAction, run: WorkflowRun | None, now: datetime) -> Row:
    workflow = run.contract.title if run else ""
    return Row(
        pk=proposal.pk,
        title=proposal.title,
        amount=words.money(proposal.amount),
        customer=proposal.customer_name,
        age=moments.age(proposal.proposed_at, now),
        left=_left(proposal, now),
        overdue=proposal.window_ends_at < now,
        risk=proposal.risk_level,
        warnings=_warnings(proposal, run),
        workflow=workflow,
        kind=kind_of(proposal),
        group=" ".join((run.workflow_type if run else "", proposal.step, proposal.action_type)),
        digest=proposal.digest,
        address=quote(proposal.pk),
    )


def _left(proposal: ProposedAction, now: datetime) -> str:
    """Until the answer is hoped for, or since, and until it expires."""
    expires = f"expires in {moments.span(proposal.expires_at - now)}"
    if proposal.window_ends_at < now:
        return f"overdue by {moments.span(now - proposal.window_ends_at)}, {expires}"
    if proposal.window_ends_at >= proposal.expires_at:
        return expires
    return f"due in {moments.span(proposal.window_ends_at - now)}, {expires}"


def _warnings(proposal: ProposedAction, run: WorkflowRun | None) -> tuple[str, ...]:
    """The checks of a gate that did not hold; what a run staged has none of its own."""
    checks: Any = parse(run.checks) if run is not None and not proposal.step else []
    return tuple(check.name for check in map(read_check, checks) if not check.passed)
