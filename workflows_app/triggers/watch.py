"""A scheduler pass as the clock calls it: the pass, its alerts by email, its heartbeat, and a pulse for the outside."""

from datetime import datetime

from workflows_app.delivery.alert_mail import send_alerts
from workflows_app.triggers import deadman
from workflows_app.triggers.silence import TICK, ended_well
from workflows_app.triggers.tick import tick


def watched_tick(now: datetime) -> dict[str, int]:
    """One scheduler pass at this moment; what it found. Raises `TickError` as `tick` does.

    Alerts are mailed whatever became of the pass. Only one that ended well is written down and told outside.
    """
    try:
        found = tick(now)
    finally:
        send_alerts(now)
    ended_well(TICK, now)
    deadman.ping(now)
    return found
