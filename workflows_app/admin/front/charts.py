"""The three charts of the front page: receivables by bucket, runs by day, anomalies by week."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from workflows_app.admin.front import links
from workflows_app.admin.front.picture import Chart, Column, Part, shortened
from workflows_app.models import AnomalyInvestigation, ArAging, WorkflowRun
from workflows_app.presentation import words

DAYS: Final = 14
WEEKS: Final = 8
# A bucket as aging names it, how it is said, and its colour.
_BUCKETS: Final = (
    ("current", "not due", "good"),
    ("1-30", "1–30 days", "calm"),
    ("31-60", "31–60", "warn"),
    ("61-90", "61–90", "late"),
    ("over 90", "over 90", "bad"),
)
# How a run came out, its colour, and the statuses that say so.
_OUTCOMES: Final = (
    ("completed", "good", ("completed",)),
    ("under way", "open", ("queued", "running", "awaiting_approval", "retrying", "held")),
    ("ended without", "warn", ("partial", "blocked", "rejected", "expired", "cancelled")),
    ("failed", "bad", ("failed",)),
)
_FINDINGS: Final = (("open", "warn", ("open", "in_progress")), ("settled", "good", ("resolved", "dismissed")))
Counts = Mapping[tuple[date, str], int]
Groups = tuple[tuple[str, str, tuple[str, ...]], ...]


def receivables() -> Chart:
    """What is owed, by days past due (`ar_aging`)."""
    totals = dict(ArAging.objects.order_by().values_list("bucket").annotate(Sum("amount")))
    columns = tuple(_bucket(*bucket, totals.get(bucket[0], Decimal(0))) for bucket in _BUCKETS)
    return Chart(
        key="receivables", title="Receivables by days overdue", unit="Days overdue", columns=columns,
        nothing="Nobody owes anything. Open invoices appear here after the next sync with NetSuite.",
    )  # fmt: skip


def _bucket(bucket: str, label: str, look: str, amount: Decimal) -> Column:
    link = links.rows("workflows_app_araging", bucket__exact=bucket)
    part = Part(name="Owed", look=look, size=amount, said=words.money(amount), link=link)
    return Column(label=label, heading=label, total=words.signed(shortened(amount)), parts=(part,))


def runs(now: datetime) -> Chart:
    """Runs of the last 14 days in office time, by how they came out. A day is that on which the run was queued."""
    today = timezone.localtime(now).date()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    # By expressions: for the column itself, SQLite would walk through the index of all runs that begins with it.
    recent = WorkflowRun.objects.filter(queued_at__gte=_midnight(days[0]))
    grouped = recent.annotate(day=TruncDate("queued_at"), came=Coalesce("status", Value("")))
    found = grouped.order_by().values_list("day", "came").annotate(n=Count("id"))
    counts: Counts = {(day, status): n for day, status, n in found}
    columns = tuple(_day("workflows_app_workflowrun", "queued_at", day, 1, counts, _OUTCOMES) for day in days)
    return Chart(
        key="runs", title=f"Runs of the last {DAYS} days", unit="Day", columns=columns,
        nothing="No run yet. Start one from its contract, or wait for the first schedule.",
    )  # fmt: skip


def anomalies(now: datetime) -> Chart:
    """What was found in each of the last 8 weeks, and what of it is still open. Weeks begin on Mondays."""
    today = timezone.localtime(now).date()
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=ago) for ago in reversed(range(WEEKS))]
    recent = AnomalyInvestigation.objects.filter(created_at__gte=_midnight(weeks[0]))
    found = recent.annotate(day=TruncDate("created_at")).order_by().values_list("day", "status").annotate(n=Count("id"))
    counts: dict[tuple[date, str], int] = {}
    for day, status, n in found:
        key = (day - timedelta(days=day.weekday()), status)
        counts[key] = counts.get(key, 0) + n
    model = "workflows_app_anomalyinvestigation"
    columns = tuple(_day(model, "created_at", week, 7, counts, _FINDINGS) for week in weeks)
    return Chart(
        key="anomalies", title=f"Anomalies found in the last {WEEKS} weeks", unit="Week of", columns=columns,
        nothing="None was found. Every scan for anomalies adds what it finds.",
    )  # fmt: skip


def _day(model: str, moment: str, first: date, days: int, counts: Counts, groups: Groups) -> Column:
    """One column: what is counted at `first`, linked to the rows of that span."""
    span = {
        f"{moment}__gte": _midnight(first).isoformat(),
        f"{moment}__lt": _midnight(first + timedelta(days=days)).isoformat(),
    }
    parts = []
    for name, look, statuses in groups:
        n = sum(counts.get((first, status), 0) for status in statuses)
        link = links.rows(model, status__in=",".join(statuses), **span)
        parts.append(Part(name=words.sentence(name), look=look, size=n, said=str(n), link=link))
    total = sum(part.size for part in parts)
    return Column(label=f"{first:%-d %b}", heading=f"{first:%-d %b %Y}", total=f"{total}", parts=tuple(parts))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001 made aware here
