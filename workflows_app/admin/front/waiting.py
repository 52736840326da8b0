"""What waits for a decision: by workflow, with the money in it and how long it has waited."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Min, OuterRef, Q, Subquery, Sum

from approvals.models import ProposalStatus, ProposedAction
from workflows_app.admin import moments
from workflows_app.admin.front import links
from workflows_app.models import WorkflowContract, WorkflowRun


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Pending proposals of one workflow, or of all. `amount` is a sum of dollars, empty when none names one."""

    name: str
    count: int
    amount: str
    overdue: int
    age: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """All that waits, and the same by workflow, the longest waiting first."""

    all: Waiting
    by_workflow: tuple[Waiting, ...]


def read_decisions(now: datetime) -> Decisions:
    """Two queries over what is pending, and one for the titles of the workflows."""
    titles = dict(WorkflowContract.objects.filter(active=True).values_list("workflow_type", "title"))
    workflow = WorkflowRun.objects.filter(pk=OuterRef("run_id")).values("workflow_type")[:1]
    pending = ProposedAction.objects.filter(status=ProposalStatus.PENDING, expires_at__gt=now).order_by()
    figures = {
        "count": Count("id"),
        "amount": Sum("amount"),
        "overdue": Count("id", filter=Q(window_ends_at__lt=now)),
        "oldest": Min("proposed_at"),
    }
    groups = pending.annotate(workflow=Subquery(workflow)).values("workflow").annotate(**figures).order_by("oldest")
    found = [(group.pop("workflow") or "", group) for group in groups]
    return Decisions(
        all=_waiting("", "", pending.aggregate(**figures), now),
        by_workflow=tuple(_waiting(name, titles.get(name, name), group, now) for name, group in found),
    )


def _waiting(workflow: str, title: str, figures: dict[str, object], now: datetime) -> Waiting:
    oldest, amount = figures["oldest"], figures["amount"]
    return Waiting(
        name=title or "Outside a run",
        count=int(str(figures["count"])),
        amount=f"{amount:,.2f}" if isinstance(amount, Decimal) else "",
        overdue=int(str(figures["overdue"])),
        age=moments.age(oldest, now) if isinstance(oldest, datetime) else "",
        link=links.inbox(workflow=workflow) if workflow else links.inbox(),
    )
