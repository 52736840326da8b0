"""The banner on every page: silence, a hold, open alerts; nothing when all is well."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.clock import database_now
from workflows_app.models import Alert, Heartbeat
from workflows_app.models.hold import Hold
from workflows_app.triggers.silence import ended_well

SILENT = "Something has gone silent."
PAGES = ["admin:index", "admin:workflows_app_alert_changelist", "admin:workflows_app_hold_changelist"]


@pytest.fixture
def awake(db: None) -> None:
    """Everything ran a moment ago."""
    for name in ("tick", "deliver", "run_verify"):
        ended_well(name, database_now())


def read(client: Client, page: str = "admin:index") -> str:
    return client.get(reverse(page)).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_scheduler_that_died_shows_on_every_page(console: Client, page: str) -> None:
    for name in ("tick", "deliver", "run_verify"):
        ended_well(name, database_now() - timedelta(hours=3))

    text = read(console, page)

    assert SILENT in text
    assert "The scheduler has been silent since" in text


@pytest.mark.parametrize("page", PAGES)
def test_nothing_shows_when_all_is_well(console: Client, awake: None, page: str) -> None:
    text = read(console, page)

    assert SILENT not in text
    assert "cs-banner" not in text


def test_a_contract_page_has_it_too(console: Client, contracts: None) -> None:
    assert SILENT in read(console, "admin:workflows_app_workflowcontract_changelist")


def test_open_alerts_are_counted_with_the_oldest_and_a_link(console: Client, awake: None) -> None:
    for number in range(3):
        Alert.objects.raise_alert(f"{number}", kind="x", message="It failed.", now=database_now())
    Alert.objects.filter(key="0").resolve(database_now(), by="person:mike")

    text = read(console, "admin:workflows_app_hold_changelist")

    assert "2 open alerts</a>, the oldest since" in text


def test_a_part_of_the_scheduler_that_fails_shows_and_is_no_silence(console: Client, awake: None) -> None:
    Alert.objects.raise_alert("tick:expired", kind="scheduler", message="It cannot <1>.", now=database_now())

    text = read(console)

    assert "A part of the scheduler fails." in text
    assert "It cannot &lt;1&gt;; the other parts are done" in text
    assert SILENT not in text


def test_a_hold_shows_with_its_reason(console: Client, awake: None) -> None:
    Hold.objects.create(pk=1, on=True, reason="Audit <1>.")

    assert "Audit &lt;1&gt;." in read(console, "admin:workflows_app_alert_changelist")


def test_sales_and_strangers_are_told_nothing(sales: Client, client: Client) -> None:
    assert SILENT not in read(sales)
    assert SILENT not in client.get("/login/").content.decode()


def test_it_takes_as_many_queries_whatever_is_silent_or_open(console: Client) -> None:
    read(console)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(console, "admin:workflows_app_hold_changelist")
        return len(captured)

    few = queries()
    for number in range(30):
        Alert.objects.raise_alert(f"{number}", kind="x", message="It failed.", now=database_now())
        Heartbeat.objects.beat(f"pass {number}", database_now() - timedelta(days=1))
    Hold.objects.create(pk=1, on=True)

    assert queries() == few
