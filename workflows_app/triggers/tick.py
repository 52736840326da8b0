"""One scheduler pass: cron, events, expiry, reminders, a doorbell for all that could go on, and the sweeping."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.db import DatabaseError

from approvals import services
from approvals.models import ProposedAction
from workflows_app.models import Alert
from workflows_app.triggers import alarm, cron, events, sweep

SCHEDULER: Final = "scheduler"
"""The kind of the alerts about parts of a pass that fail."""

logger = logging.getLogger(__name__)


class TickError(Exception):
    """Parts of a pass failed; the others were done.

    `found`: what the others found, by name. `failed`: what went wrong, by the name of the part.
    """

    def __init__(self, found: Mapping[str, int], failed: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name.replace('_', ' ')}: {error}" for name, error in failed.items()))
        self.found = dict(found)
        self.failed = dict(failed)


def tick(now: datetime) -> dict[str, int]:
    """Do one pass; what it found, by name. Any pass may be repeated or left out without harm.

    A part that fails is logged, raises an alert, and keeps no other from being done. Raises `TickError` after the last.
    """
    found: dict[str, int] = {}
    failed: dict[str, str] = {}
    for name, part in _PARTS.items():
        try:
            found[name] = part(now)
        except Exception as error:
            logger.exception("a part of a scheduler pass failed: %s", name)
            failed[name] = f"{type(error).__name__}: {error}"
            _report(name, failed[name], now)
    if failed:
        raise TickError(found, failed)
    return found


def _report(name: str, error: str, now: datetime) -> None:
    message = f"The scheduler cannot do its part “{name.replace('_', ' ')}”: {error}"
    try:
        Alert.objects.raise_alert(f"tick:{name}", kind=SCHEDULER, message=message, now=now)
    except DatabaseError:  # the database itself is the trouble: the log and the exit code must do
        logger.exception("the alert about it failed as well")


def _expire(now: datetime) -> int:
    """The database's clock decides, whatever moment the pass is given."""
    return len(services.expire_due())


def _remind(now: datetime) -> int:
    """One reminder per proposal whose response window is over."""

    def alert(proposal: ProposedAction) -> None:
        message = f"{proposal.title} waits for a decision since {proposal.proposed_at:%Y-%m-%d %H:%M} UTC"
        key = f"{alarm.OVERDUE}{proposal.pk}"
        Alert.objects.raise_alert(key, kind="overdue", message=message, now=now, run_id=proposal.run_id)

    return len(services.remind_overdue(alert))


_PARTS: Mapping[str, Callable[[datetime], int]] = {
    "started_by_cron": lambda now: cron.start_due(now),
    "started_by_events": lambda now: events.dispatch(now),
    "expired": _expire,
    "reminded": _remind,
    "woken": sweep.wake,
    "taken_back": sweep.take_back,
    "pruned": sweep.prune,
    "silent": lambda now: alarm.sound(now),
}
