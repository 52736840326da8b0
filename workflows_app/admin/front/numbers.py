"""The numbers at the top of the front page, each a link to the rows that it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q

from workflows_app.admin.front import links
from workflows_app.models import (
    Alert,
    AnomalyInvestigation,
    InboundEmail,
    OutboundEmail,
    PendingPush,
    SyncLog,
    VerifyResult,
)
from workflows_app.models.mirror.mail import WAITING
from workflows_app.netsuite.sync.kinds import CHANGES, COVERED_BY
from workflows_app.presentation import moments

_PUSHES_OPEN: Final = ("pending", "in_flight", "retrying")
_PUSHES_BAD: Final = ("outcome_unknown", "conflict", "dead")
_LETTERS_OPEN: Final = ("queued", "sending")
_LETTERS_BAD: Final = ("uncertain", "failed")
_STALE: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number with its link. `look`: `bad`, `warn` or nothing."""

    label: str
    value: str
    note: str
    link: str
    look: str = ""


def anomalies() -> Number:
    """Findings that nobody has looked at."""
    count = AnomalyInvestigation.objects.filter(status="open").count()
    link = links.rows("workflows_app_anomalyinvestigation", status__exact="open")
    return Number(label="Open anomalies", value=f"{count:,}", note="not looked at yet", link=link,
                  look="warn" if count else "")  # fmt: skip


def failed_checks() -> Number:
    """Verify checks that failed or were never answered."""
    count = VerifyResult.objects.filter(Q(status="fail") | Q(status="timeout")).count()  # as its index says it
    link = links.rows("workflows_app_verifyresult", status__in="fail,timeout")
    return Number(label="Failed verify checks", value=f"{count:,}", note="failed or timed out", link=link,
                  look="bad" if count else "")  # fmt: skip


def alerts() -> Number:
    """Alerts that nobody resolved and that did not end by themselves."""
    count = Alert.objects.open().count()
    link = links.rows("workflows_app_alert", resolved_at__isempty="1")
    return Number(label="Open alerts", value=f"{count:,}", note="not resolved", link=link, look="bad" if count else "")


def mail() -> Number:
    """Messages that triage was unsure of."""
    count = InboundEmail.objects.filter(triage=WAITING).count()
    link = links.rows("workflows_app_inboundemail", triage=WAITING)
    return Number(label="Mail to sort", value=f"{count:,}", note="waits for your word", link=link,
                  look="warn" if count else "")  # fmt: skip


def letters() -> Number:
    """The outbox of letters."""
    unsent = OutboundEmail.objects.exclude(status="sent")
    count = dict(unsent.order_by().values_list("status").annotate(Count("id")))
    return _queue("Letters to send", "workflows_app_outboundemail", count, _LETTERS_OPEN, _LETTERS_BAD)


def pushes() -> Number:
    """The queue to NetSuite."""
    unfinished = PendingPush.objects.exclude(status="applied")
    count = dict(unfinished.order_by().values_list("status").annotate(Count("id")))
    return _queue("NetSuite pushes", "workflows_app_pendingpush", count, _PUSHES_OPEN, _PUSHES_BAD)


def mirror(now: datetime) -> Number:
    """How old what we know of NetSuite is: the last pass that read everything that had changed."""
    passes = SyncLog.objects.filter(sync_type__in=COVERED_BY[CHANGES], completed_at__isnull=False)
    last = passes.order_by("-completed_at").values_list("completed_at", flat=True).first()
    link = links.rows("workflows_app_synclog")
    if last is None:
        return Number(label="Age of the mirror", value="–", note="NetSuite was never read", link=link, look="bad")
    old = now - last > _STALE
    note = f"read {moments.said(last)}"
    return Number(label="Age of the mirror", value=moments.span(now - last), note=note, link=link,
                  look="warn" if old else "")  # fmt: skip


def _queue(label: str, model: str, count: Mapping[str, int], open_: tuple[str, ...], bad: tuple[str, ...]) -> Number:
    """What has not left an outbox yet; what is in trouble comes first."""
    waiting = sum(count.get(status, 0) for status in open_)
    trouble = sum(count.get(status, 0) for status in bad)
    return Number(
        label=label,
        value=f"{waiting + trouble:,}",
        note=f"{trouble:,} of them in trouble" if trouble else "none in trouble",
        link=links.rows(model, status__in=",".join(bad if trouble else open_)),
        look="bad" if trouble else "",
    )
