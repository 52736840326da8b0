"""How the installation stands, for the banner of the console, `manage.py health`, `/healthz` and the dead-man URL."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from workflows_app.models import Alert, Hold
from workflows_app.triggers.silence import Silence, silences
from workflows_app.triggers.tick import SCHEDULER


@dataclass(frozen=True, kw_only=True)
class Health:
    """What is silent, what fails, and what a person should know beside it. Other open alerts and a hold are no illness.

    `failing`: a sentence for each part of the scheduler's passes that fails.
    """

    at: datetime
    silent: tuple[Silence, ...]
    failing: tuple[str, ...]
    open_alerts: int
    oldest_alert: datetime | None
    hold: Hold | None

    @property
    def good(self) -> bool:
        """Whether everything that should have happened did."""
        return not self.silent and not self.failing


def look(now: datetime) -> Health:
    """Read the rows as they stand at `now`: five queries, whatever they hold."""
    alerts = Alert.objects.open().aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Health(
        at=now,
        silent=silences(now),
        failing=_failing(),
        open_alerts=alerts["count"],
        oldest_alert=alerts["oldest"],
        hold=Hold.objects.filter(pk=1, on=True).first(),
    )


def _failing() -> tuple[str, ...]:
    """From the alerts that the parts raise; they end by themselves when the part is done again."""
    alerts = Alert.objects.open().filter(kind=SCHEDULER).order_by("key")
    todo = "the other parts are done; look at the log of the cluster, manage.py tick does a pass by hand"
    return tuple(f"{alert.message.rstrip('.')}; {todo}." for alert in alerts)
