"""A scheduler pass as the clock calls it: the pass, its alerts by email, its heartbeat, and a pulse for the outside."""

from datetime import datetime

from workflows_app.delivery.alert_mail import send_alerts
from workflows_app.triggers import deadman
from workflows_app.triggers.silence import TICK, ended_well
from workflows_app.triggers.tick import TickError, tick


def watched_tick(now: datetime) -> dict[str, int]:
    """One scheduler pass at this moment; what it found. Raises `TickError` as `tick` does.

    Alerts are mailed whatever became of the pass. One that reached its end is written down and told outside, also when
    parts of it failed: these have alerts of their own, and the scheduler is not silent.
    """
    failed: TickError | None = None
    found: dict[str, int] = {}
    try:
        found = tick(now)
    except TickError as error:
        failed = error
    finally:
        send_alerts(now)
    ended_well(TICK, now)
    deadman.ping(now)
    if failed is not None:
        raise failed
    return found
