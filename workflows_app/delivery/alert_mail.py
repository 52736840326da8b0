"""Open alerts by email to whoever runs Countersign: the one mail that leaves without a decision.

Its recipients are `ALERT_EMAIL` of the environment and nothing else; no row, contract or letter can name another. It
carries what the list of alerts shows, never a letter. A hold does not stop it: that is when it is needed.

The first alert leaves at the next pass. What comes within the next quarter of an hour is gathered into one mail. An
alert that was mailed is not mailed again for a day, however often it repeats, unless it was resolved in between.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q
from django.urls import reverse

from workflows_app.delivery.transport import MaybeSentError, NotSentError, hand_over
from workflows_app.models import Alert, Heartbeat
from workflows_app.models.ahead import ahead
from workflows_app.models.alert import AlertQuerySet
from workflows_app.models.heartbeat import ALERT_MAIL

GATHER: Final = timedelta(minutes=15)
AGAIN_AFTER: Final = timedelta(days=1)
_TOP: Final = 20
_LONGEST_MESSAGE: Final = 400
_LONGEST_SUBJECT: Final = 120
_BATCH: Final = 500
# About this mail itself: alerts in the console, never mailed.
_TROUBLE: Final = "alert_mail"
_UNSURE: Final = "alert_mail:unsure"
_OWN: Final = (_TROUBLE, _UNSURE)

logger = logging.getLogger(__name__)


def send_alerts(now: datetime) -> int:
    """Mail what nobody was told of yet; how many alerts. Call it outside any transaction.

    Of two callers at once one takes the turn. The alerts are marked when the server has accepted the mail, so a crash
    in between mails them once more after a quarter of an hour: better twice than never. When the server's answer is
    lost a second time they are marked as well: twice is enough.
    """
    if not settings.ALERT_EMAIL:
        return 0
    due = list(_due(now).values_list("pk", flat=True))
    if not due or not Heartbeat.objects.take_turn(ALERT_MAIL, now, since=now - GATHER):
        return 0
    top = list(_due(now)[:_TOP])
    if not top:  # somebody has resolved them meanwhile
        Heartbeat.objects.give_back(ALERT_MAIL, now, now - GATHER)
        return 0
    try:
        accepted = _handed_over(_message(top, len(due)), now)
    except MaybeSentError as error:
        if _unsure_again(error, now):
            _mark(due, now)
        return 0
    if not accepted:
        return 0
    _mark(due, now)
    Alert.objects.filter(key__in=_OWN).resolve(now, by="machine:alert_mail")
    return len(due)


def _mark(due: Sequence[int], now: datetime) -> None:
    for start in range(0, len(due), _BATCH):
        Alert.objects.open().filter(pk__in=due[start : start + _BATCH]).update(mailed_at=now)


def _unsure_again(error: MaybeSentError, now: datetime) -> bool:
    """Tell the console that an answer was lost; whether one was before, and no mail was accepted since."""
    again = Alert.objects.open().filter(key=_UNSURE).exists()
    logger.warning("the mail of alerts may not have been sent: %s", error)
    text = f"Alerts may not have been mailed, look for them in the console: {error}"
    Alert.objects.raise_alert(_UNSURE, kind=_TROUBLE, message=text, now=now)
    return again


def _due(now: datetime) -> AlertQuerySet:
    """Open alerts to be mailed, oldest first."""
    again = Q(mailed_at__lte=now - AGAIN_AFTER, last_seen_at__gt=F("mailed_at"))
    unknown = Q(mailed_at=None) | ahead("mailed_at", now)
    due = Alert.objects.open().exclude(key__in=_OWN).filter(unknown | again)
    return due.order_by("created_at", "pk")


def _handed_over(message: EmailMessage, now: datetime) -> bool:
    """Whether the server accepted the mail. When it did not, and may next time, the turn is given back.

    Raises `MaybeSentError`.
    """
    try:
        hand_over(message)
    except (NotSentError, ValueError) as error:  # ValueError: an address that cannot be written down
        logger.warning("the mail of alerts was not sent: %s", error)
        text = f"Alerts cannot be mailed: {error}"
        Alert.objects.raise_alert(_TROUBLE, kind=_TROUBLE, message=text, now=now)
        if isinstance(error, NotSentError) and not error.permanent:
            Heartbeat.objects.give_back(ALERT_MAIL, now, now - GATHER)
        return False
    return True


def _message(top: Sequence[Alert], count: int) -> EmailMessage:
    return EmailMessage(
        subject=_subject(top, count),
        body=_body(top, count),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(settings.ALERT_EMAIL),
        headers={"Auto-Submitted": "auto-generated"},
    )


def _subject(top: Sequence[Alert], count: int) -> str:
    head = "an alert" if count == 1 else f"{count} alerts"
    return _one_line(f"Countersign: {head}: {top[0].message}", _LONGEST_SUBJECT)


def _body(top: Sequence[Alert], count: int) -> str:
    head = "An alert is open" if count == 1 else f"{count} alerts are open, the oldest"
    lines = [f"{head} since {top[0].created_at:%Y-%m-%d %H:%M} UTC.", ""]
    for alert in top:
        lines += [*_paragraph(alert), ""]
    if count > len(top):
        lines += [f"… and {count - len(top)} more.", ""]
    return "\n".join([*lines, _everything()])


def _paragraph(alert: Alert) -> list[str]:
    times = f", {alert.count} times" if alert.count > 1 else ""
    head = f"{alert.last_seen_at:%Y-%m-%d %H:%M} UTC · {alert.kind.replace('_', ' ')}{times}"
    return [head, _one_line(alert.message, _LONGEST_MESSAGE), *_link("admin:workflows_app_alert_change", alert.pk)]


def _everything() -> str:
    link = _link("admin:workflows_app_alert_changelist")
    return f"All of them: {link[0]}?resolved_at__isempty=1" if link else "All of them: in the console, under Alerts."


def _link(page: str, *arguments: int) -> list[str]:
    """An address of the console, where it is known."""
    return [settings.SITE_URL.rstrip("/") + reverse(page, args=arguments)] if settings.SITE_URL else []


def _one_line(text: str, longest: int) -> str:
    """Text without line breaks and other control characters, cut at `longest`."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
