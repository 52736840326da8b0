"""The front page: what waits, what is wrong, what is owed. A fixed number of queries, over indexes or small tables."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from workflows_app.admin.front import charts, numbers
from workflows_app.admin.front.numbers import Number
from workflows_app.admin.front.picture import Chart
from workflows_app.admin.front.waiting import Decisions, read_decisions
from workflows_app.admin.navigation import intakes


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Everything that the front page shows."""

    decisions: Decisions
    numbers: tuple[Number, ...]
    charts: tuple[Chart, ...]


def front_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's callback for the front page. People who only hand in a form see just that."""
    if request.user.has_perm("approvals.view_proposedaction"):
        return {**context, "title": "Today", "desk": read_desk(timezone.now())}
    return {**context, "title": "Welcome", "desk": None, "intakes": intakes(request)}


def read_desk(now: datetime) -> Desk:
    """Read the front page as it stands at `now`."""
    return Desk(
        decisions=read_decisions(now),
        numbers=(
            numbers.anomalies(),
            numbers.failed_checks(),
            numbers.alerts(),
            numbers.mail(),
            numbers.letters(),
            numbers.pushes(),
            numbers.mirror(now),
        ),
        charts=(charts.receivables(), charts.runs(now), charts.anomalies(now)),
    )
