"""How the installation stands, for the banner of the console, `manage.py health`, `/healthz` and the dead-man URL."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from workflows_app.models import Alert, Hold
from workflows_app.triggers.silence import Silence, silences


@dataclass(frozen=True, kw_only=True)
class Health:
    """What is silent, and what a person should know beside it. Open alerts and a hold are no illness."""

    at: datetime
    silent: tuple[Silence, ...]
    open_alerts: int
    oldest_alert: datetime | None
    hold: Hold | None

    @property
    def good(self) -> bool:
        """Whether everything that should have happened did."""
        return not self.silent


def look(now: datetime) -> Health:
    """Read the rows as they stand at `now`: four queries, whatever they hold."""
    alerts = Alert.objects.open().aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Health(
        at=now,
        silent=silences(now),
        open_alerts=alerts["count"],
        oldest_alert=alerts["oldest"],
        hold=Hold.objects.filter(pk=1, on=True).first(),
    )
