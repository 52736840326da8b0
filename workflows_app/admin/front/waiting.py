"""What waits for a decision: by workflow, with the money in it and how long it has waited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, Subquery, Sum

from approvals.models import ProposalStatus, ProposedAction
from workflows_app.admin.front import links
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.presentation import moments, words

# `count`, `amount` (a sum, or None), `overdue` and `oldest` of some proposals.
Figures = Mapping[str, Any]


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
    """One query over what is pending, and one for the titles of the workflows."""
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
        all=_waiting("", "", _together([group for _, group in found]), now),
        by_workflow=tuple(_waiting(name, titles.get(name, name), group, now) for name, group in found),
    )


def _together(groups: Sequence[Figures]) -> Figures:
    """The figures of all groups; the first has the oldest."""
    amounts = [group["amount"] for group in groups if group["amount"] is not None]
    return {
        "count": sum(group["count"] for group in groups),
        "amount": sum(amounts, Decimal(0)) if amounts else None,
        "overdue": sum(group["overdue"] for group in groups),
        "oldest": groups[0]["oldest"] if groups else None,
    }


def _waiting(workflow: str, title: str, figures: Figures, now: datetime) -> Waiting:
    return Waiting(
        name=title or "Outside a run",
        count=figures["count"],
        amount=words.money(figures["amount"]),
        overdue=figures["overdue"],
        age=moments.age(figures["oldest"], now) if figures["oldest"] else "",
        link=links.inbox(workflow=workflow) if workflow else links.inbox(),
    )
