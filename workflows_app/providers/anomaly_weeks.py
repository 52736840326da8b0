"""What `weekly_anomalies` will hold once the new findings are investigations: one row per kind of the current week."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from workflows_app.contracts.catalog import Column, ProviderSpec
from workflows_app.models import AnomalyInvestigation
from workflows_app.providers.base import Provider, Row
from workflows_app.providers.findings import monday_of

if TYPE_CHECKING:
    from workflows_app.reading.scope import Scope


class AnomalyWeeks(Provider):
    """Counts of the ISO week of `scope.now` by kind: the investigations of that week and the given new `findings`.

    A kind without any is left out. It takes no edits.
    """

    spec = ProviderSpec(
        name="anomaly_weeks",
        params=("findings",),
        key="kind",
        columns={
            "week_start": Column(kind="date"),
            "kind": Column(kind="text"),
            "open_count": Column(kind="integer"),
            "total_count": Column(kind="integer"),
        },
    )

    def load(self, scope: "Scope", params: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Count with one query."""
        monday = monday_of(scope.now.date())
        known = _known(monday)
        new = Counter(str(finding["kind"]) for finding in params["findings"] or ())
        total = Counter(kind for kind, _ in known) + new
        still_open = Counter(kind for kind, status in known if status == "open") + new
        return [
            {"week_start": monday, "kind": kind, "open_count": still_open[kind], "total_count": total[kind]}
            for kind in sorted(total)
        ]


def _known(monday: date) -> list[tuple[str, str]]:
    """Kind and status of the week's investigations."""
    start = datetime.combine(monday, time(), UTC)
    rows = AnomalyInvestigation.objects.filter(created_at__gte=start, created_at__lt=start + timedelta(days=7))
    return list(rows.values_list("kind", "status"))
