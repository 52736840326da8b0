"""anomaly_weeks: what a week's counts will be once the new findings are investigations."""

from typing import Any

import pytest

from tests import factories
from tests.factories import NOW
from workflows_app.providers.anomaly_weeks import AnomalyWeeks
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db


def weeks(*kinds: str) -> Any:
    rows = AnomalyWeeks().load(Scope(now=NOW), {"findings": [{"kind": kind} for kind in kinds]}, [])
    return [(row["kind"], row["open_count"], row["total_count"]) for row in rows]


def test_without_any_there_is_no_row() -> None:
    assert weeks() == []


def test_new_findings_are_open_and_known_ones_count_by_their_status() -> None:
    factories.AnomalyInvestigationFactory(kind="margin_compression", status="open")
    factories.AnomalyInvestigationFactory(kind="margin_compression", status="dismissed")

    assert weeks("margin_compression", "vendor_cost_spike") == [
        ("margin_compression", 2, 3),
        ("vendor_cost_spike", 1, 1),
    ]


def test_another_week_does_not_count() -> None:
    factories.AnomalyInvestigationFactory(created_at=factories.moment(days=1))

    assert weeks() == []
