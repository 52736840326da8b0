"""Trouble that is not the fault of any one record: an alert for a person, and a pause before it is tried again."""

from datetime import datetime, timedelta

from approvals.clock import database_now
from workflows_app.models import Alert
from workflows_app.models.ahead import ahead
from workflows_app.models.alert import AlertQuerySet

# No login or permission: everything (of that record type) waits this long, then one push tries again.
PAUSE = timedelta(minutes=5)
LOGIN, AWAY = "netsuite:login", "netsuite:away"
_PERMISSION = "netsuite:permission:"
_KINDS = {LOGIN: "netsuite_login", AWAY: "netsuite_away"}


def permission(record_type: str) -> str:
    """The trouble that our role may not write such records."""
    return f"{_PERMISSION}{record_type}"


def report(trouble: str, message: str) -> None:
    """Alert, and begin a pause."""
    kind = _KINDS.get(trouble, "netsuite_permission")
    Alert.objects.raise_alert(trouble, kind=kind, message=message[:2000], now=database_now())


def paused(trouble: str, now: datetime) -> bool:
    """Whether this trouble was met a short while ago and nothing has succeeded since."""
    return _met_lately(now).filter(key=trouble).exists()


def paused_types(now: datetime) -> list[str]:
    """The record types that wait for a permission."""
    alerts = _met_lately(now).filter(key__startswith=_PERMISSION)
    return [key.removeprefix(_PERMISSION) for key in alerts.values_list("key", flat=True)]


def _met_lately(now: datetime) -> AlertQuerySet:
    return Alert.objects.open().filter(last_seen_at__gt=now - PAUSE).exclude(ahead("last_seen_at", now))


def over(*troubles: str) -> None:
    """Something succeeded: close the alerts."""
    Alert.objects.keyed(*troubles).resolve(database_now())
