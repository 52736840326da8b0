"""The front page: what waits, what is wrong, what is owed. Every number is a link to its rows.

A fixed number of queries, each over an index or a small table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Count, Min, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from approvals.models import ProposalStatus, ProposedAction
from workflows_app.admin import moments
from workflows_app.admin.navigation import intakes
from workflows_app.admin.presentation import words
from workflows_app.models import (
    Alert,
    AnomalyInvestigation,
    ArAging,
    OutboundEmail,
    PendingPush,
    VerifyResult,
    WeeklyAnomaly,
    WorkflowRun,
)

_BUCKETS: Final = ("current", "1-30", "31-60", "61-90", "over 90")
_DAYS: Final = 14
_PUSHES_OPEN: Final = ("pending", "in_flight", "retrying")
_PUSHES_BAD: Final = ("outcome_unknown", "conflict", "dead")
_LETTERS_OPEN: Final = ("queued", "sending")
_LETTERS_BAD: Final = ("uncertain", "failed")


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number with its link. `look`: `bad`, `warn` or nothing."""

    label: str
    value: str
    note: str
    link: str
    look: str = ""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart; `percent` of the longest."""

    label: str
    value: str
    percent: int
    link: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars under a title, or a sentence when there are none."""

    title: str
    bars: tuple[Bar, ...]
    nothing: str


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One pending proposal."""

    pk: str
    title: str
    amount: str
    age: str
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The whole front page."""

    numbers: tuple[Number, ...]
    waiting: tuple[Waiting, ...]
    charts: tuple[Chart, ...]


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback for the front page. People who only hand in a form see just that."""
    if request.user.has_perm("approvals.view_proposedaction"):
        return {**context, "title": "Today", "desk": read_desk(timezone.now())}
    return {**context, "title": "Welcome", "desk": None, "intakes": intakes(request)}


def read_desk(now: datetime) -> Desk:
    """Read the front page as it stands at `now`."""
    return Desk(
        numbers=(_decisions(now), *_troubles(), _letters(), _pushes()),
        waiting=_waiting(now),
        charts=(_receivables(), _runs(now), _weeks()),
    )


def _decisions(now: datetime) -> Number:
    pending = ProposedAction.objects.filter(status=ProposalStatus.PENDING, expires_at__gt=now)
    found = pending.aggregate(count=Count("id"), oldest=Min("proposed_at"))
    note = f"the oldest {moments.age(found['oldest'], now)}" if found["oldest"] else "nothing waits for you"
    link = _link("approvals_proposedaction", status__exact="pending")
    return Number(label="Waiting decisions", value=str(found["count"]), note=note, link=link)


def _troubles() -> tuple[Number, ...]:
    anomalies = AnomalyInvestigation.objects.filter(status="open").count()
    failures = VerifyResult.objects.filter(Q(status="fail") | Q(status="timeout")).count()  # as its index says it
    alerts = Alert.objects.open().count()
    return (
        Number(
            label="Open anomalies",
            value=str(anomalies),
            note="not looked at yet",
            link=_link("workflows_app_anomalyinvestigation", status__exact="open"),
            look="warn" if anomalies else "",
        ),
        Number(
            label="Failed verify checks",
            value=str(failures),
            note="failed or timed out",
            link=_link("workflows_app_verifyresult", status__in="fail,timeout"),
            look="bad" if failures else "",
        ),
        Number(
            label="Open alerts",
            value=str(alerts),
            note="not resolved",
            link=_link("workflows_app_alert", resolved_at__isempty="1"),
            look="bad" if alerts else "",
        ),
    )


def _letters() -> Number:
    unsent = OutboundEmail.objects.exclude(status="sent")
    count = dict(unsent.order_by().values_list("status").annotate(Count("id")))
    return _queue("Letters to send", "workflows_app_outboundemail", count, _LETTERS_OPEN, _LETTERS_BAD)


def _pushes() -> Number:
    unfinished = PendingPush.objects.exclude(status="applied")
    count = dict(unfinished.order_by().values_list("status").annotate(Count("id")))
    return _queue("NetSuite pushes", "workflows_app_pendingpush", count, _PUSHES_OPEN, _PUSHES_BAD)


def _queue(label: str, model: str, count: Mapping[str, int], open_: tuple[str, ...], bad: tuple[str, ...]) -> Number:
    """What has not left an outbox yet; what is in trouble comes first."""
    waiting = sum(count.get(status, 0) for status in open_)
    trouble = sum(count.get(status, 0) for status in bad)
    return Number(
        label=label,
        value=str(waiting + trouble),
        note=f"{trouble} of them in trouble" if trouble else "none in trouble",
        link=_link(model, status__in=",".join(bad if trouble else open_)),
        look="bad" if trouble else "",
    )


def _waiting(now: datetime) -> tuple[Waiting, ...]:
    pending = ProposedAction.objects.filter(status=ProposalStatus.PENDING, expires_at__gt=now)
    rows = pending.order_by("proposed_at", "id").only("id", "title", "amount", "proposed_at", "window_ends_at")[:8]
    return tuple(
        Waiting(
            pk=row.pk,
            title=row.title,
            amount="" if row.amount is None else _money(row.amount),
            age=moments.age(row.proposed_at, now),
            overdue=row.window_ends_at < now,
        )
        for row in rows
    )


def _receivables() -> Chart:
    totals = dict(ArAging.objects.order_by().values_list("bucket").annotate(Sum("amount")))
    entries = [(bucket, totals[bucket], {"bucket__exact": bucket}) for bucket in _BUCKETS if totals.get(bucket)]
    bars = _bars("workflows_app_araging", [(label, amount, _money(amount), query) for label, amount, query in entries])
    return Chart(title="Receivables by days overdue", bars=bars, nothing="Nobody owes anything.")


def _runs(now: datetime) -> Chart:
    since = now - timedelta(days=_DAYS)
    # Grouped by an expression: by the column, SQLite would walk through the index of all runs that begins with it.
    recent = WorkflowRun.objects.filter(queued_at__gte=since).annotate(state=Coalesce("status", Value("")))
    counts = recent.order_by().values_list("state").annotate(n=Count("id"))
    entries: list[tuple[str, Any, str, dict[str, str]]] = [
        (
            words.sentence(status),
            count,
            str(count),
            {"status__exact": status, "queued_at__gte": since.isoformat(timespec="seconds")},
        )
        for status, count in counts.order_by("-n", "state")
    ]
    bars = _bars("workflows_app_workflowrun", entries)
    return Chart(title=f"Runs of the last {_DAYS} days", bars=bars, nothing="No run yet.")


def _weeks() -> Chart:
    rows = WeeklyAnomaly.objects.order_by("-week_start", "kind")[:6]
    entries: list[tuple[str, Any, str, dict[str, str]]] = [
        (
            f"{row.week_start:%d %b} · {words.spaced(row.kind)}",
            row.total_count,
            f"{row.open_count} open of {row.total_count}",
            {"week_start": row.week_start.isoformat(), "kind__exact": row.kind},
        )
        for row in rows
    ]
    return Chart(
        title="Anomalies by week", bars=_bars("workflows_app_weeklyanomaly", entries), nothing="None was found."
    )


def _bars(model: str, entries: list[tuple[str, Any, str, dict[str, str]]]) -> tuple[Bar, ...]:
    longest = max((Decimal(size) for _label, size, _value, _query in entries), default=Decimal(1)) or Decimal(1)
    return tuple(
        Bar(label=label, value=value, percent=max(int(Decimal(size) / longest * 100), 0), link=_link(model, **query))
        for label, size, value, query in entries
    )


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _link(model: str, **query: str) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"
