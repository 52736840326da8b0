"""What is silent becomes an alert, and alerts whose cause is over end by themselves."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from approvals.models import ProposalStatus, ProposedAction
from approvals.principals import Principal
from workflows_app.models import Alert
from workflows_app.models.ahead import ahead
from workflows_app.triggers.silence import PASSES, TICK, Silence, silences

OVERDUE: Final = "overdue:"
_BY: Final = str(Principal.machine("schedule"))
_KIND: Final = "silence"
# Alerts that are raised at every pass while their cause lasts: when they are not any more, it is over.
_REPEATED: Final = ("scheduler", "contract")
_OVER_AFTER: Final = timedelta(minutes=10)


def sound(now: datetime) -> int:
    """Raise an alert for each thing that is silent and end those that are over; how many are silent."""
    silent = _worth_an_alert(silences(now))
    for each in silent:
        Alert.objects.raise_alert(_key(each), kind=_KIND, message=each.sentence, now=now)
    Alert.objects.filter(kind=_KIND).exclude(key__in=map(_key, silent)).resolve(now, by=_BY)
    long_ago = Q(last_seen_at__lt=now - _OVER_AFTER) | ahead("last_seen_at", now)
    Alert.objects.filter(long_ago, kind__in=_REPEATED).resolve(now, by=_BY)
    _end_decided(now)
    return len(silent)


def _worth_an_alert(found: tuple[Silence, ...]) -> list[Silence]:
    """Not the scheduler itself, as this is it; after its own silence the other passes get their time first.

    A contract that does not load has an alert of its own (`active.py`).
    """
    waking = any(each.what == TICK for each in found)
    return [each for each in found if each.what.startswith("cron:") or (not waking and each.what in PASSES)]


def _end_decided(now: datetime) -> None:
    """A reminder is over when its proposal does not wait any more."""
    reminders = Alert.objects.open().filter(kind="overdue")
    waiting = {key.removeprefix(OVERDUE) for key in reminders.values_list("key", flat=True)}
    if waiting:
        pending = ProposedAction.objects.filter(pk__in=waiting, status=ProposalStatus.PENDING)
        over = waiting - set(pending.values_list("pk", flat=True))
        reminders.filter(key__in=[f"{OVERDUE}{pk}" for pk in over]).resolve(now, by=_BY)


def _key(silence: Silence) -> str:
    return f"silence:{silence.what}"
