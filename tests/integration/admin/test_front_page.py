"""The front page says how things stand, and the hold switch turns."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.integration.admin.rows import leaf, letter, stage, start_new_customer
from workflows_app.admin import hold
from workflows_app.admin.front.desk import Desk, read_desk
from workflows_app.admin.front.picture import Chart
from workflows_app.models import SyncLog, VerifyResult, WorkflowRun
from workflows_app.models.hold import Hold
from workflows_app.runner.hold import on_hold


def number(desk: Desk, label: str) -> tuple[str, str]:
    found = next(number for number in desk.numbers if number.label == label)
    return found.value, found.note


def chart(desk: Desk, key: str) -> Chart:
    return next(chart for chart in desk.charts if chart.key == key)


def test_an_empty_house_shows_zeros_and_says_what_would_appear(console: Client) -> None:
    desk = read_desk(timezone.now())

    assert {number.value for number in desk.numbers} == {"0", "–"}
    assert [chart.empty for chart in desk.charts] == [True, True, True]
    page = console.get("/").content.decode()
    assert "Nothing waits for you." in page
    assert "NetSuite was never read" in page


def test_waiting_decisions_are_counted_with_their_amount_and_the_oldest(db: None) -> None:
    stage(leaf(letter()), "1", amount=Decimal("1000.50"))
    stage(leaf(letter()), "2", amount=Decimal("200.00"), title="The second")
    factories.ProposedActionFactory(rejected=True, amount=Decimal("5.00"))

    waiting = read_desk(timezone.now() + timedelta(hours=2)).decisions

    assert (waiting.all.count, waiting.all.amount, waiting.all.overdue) == (2, "$1,200.50", 2)
    assert waiting.all.age == "2 h ago"
    assert sum(row.count for row in waiting.by_workflow) == 2


def test_what_waits_is_told_apart_by_workflow(console: Client, contracts: None) -> None:
    start_new_customer()
    stage(leaf(letter()), "2")

    rows = {row.name: row for row in read_desk(timezone.now()).decisions.by_workflow}

    assert {name: row.count for name, row in rows.items()} == {"New customer onboard": 1, "Outside a run": 1}
    assert "workflow=new_customer" in rows["New customer onboard"].link
    assert console.get(rows["New customer onboard"].link).status_code == 200


def test_what_has_expired_does_not_wait(db: None) -> None:
    stage(leaf(letter()))

    waiting = read_desk(timezone.now() + timedelta(days=2)).decisions

    assert (waiting.all.count, waiting.by_workflow) == (0, ())


def test_receivables_stand_by_bucket_in_order(db: None) -> None:
    factories.ArAgingFactory(bucket="over 90", amount=Decimal("3000.00"))
    factories.ArAgingFactory(bucket="1-30", amount=Decimal("100.00"))
    factories.ArAgingFactory(bucket="1-30", amount=Decimal("50.00"))

    owed = chart(read_desk(timezone.now()), "receivables")

    assert [(column.heading, column.parts[0].said) for column in owed.columns] == [
        ("not due", "$0.00"),
        ("1–30 days", "$150.00"),
        ("31–60", "$0.00"),
        ("61–90", "$0.00"),
        ("over 90", "$3,000.00"),
    ]
    assert [label.text for label in owed.totals] == ["$150", "$3.0k"]


def test_runs_stand_on_the_day_of_the_office_on_which_they_were_queued(contracts: None) -> None:
    """Half past three in the morning in UTC is still the day before in New York."""
    now = datetime(2026, 11, 21, 15, tzinfo=UTC)
    queued = {"completed": (11, 21, 3), "failed": (11, 21, 12), "held": (11, 21, 13), "blocked": (10, 1, 12)}
    for index, (status, (month, day, hour)) in enumerate(queued.items()):
        run = start_new_customer(f"Company {index}")
        moment = datetime(2026, month, day, hour, 30, tzinfo=UTC)
        WorkflowRun.objects.filter(pk=run.pk).update(status=status, queued_at=moment)

    with timezone.override(ZoneInfo("America/New_York")):
        days = chart(read_desk(now), "runs").columns

    assert len(days) == 14
    told = {column.heading: [part.said for part in column.parts] for column in days if column.size}
    assert told == {"20 Nov 2026": ["1", "0", "0", "0"], "21 Nov 2026": ["0", "1", "0", "1"]}


def test_anomalies_stand_in_the_week_that_found_them_as_they_are_now(db: None) -> None:
    now = datetime(2026, 11, 21, 15, tzinfo=UTC)  # a Saturday
    for status, found in (("open", 16), ("resolved", 21), ("dismissed", 15)):
        factories.AnomalyInvestigationFactory(status=status, created_at=datetime(2026, 11, found, 15, tzinfo=UTC))

    weeks = chart(read_desk(now), "anomalies").columns

    told = {column.heading: [part.said for part in column.parts] for column in weeks if column.size}
    assert told == {"9 Nov 2026": ["0", "1"], "16 Nov 2026": ["1", "1"]}


def test_the_age_of_the_mirror_is_that_of_the_last_pass_that_read_all_changes(db: None) -> None:
    now = timezone.now()
    for kind, hours in (("scheduled_hot_transactions", 2), ("scheduled_hot_customer_payments", 1)):
        done = now - timedelta(hours=hours)
        SyncLog.objects.create(sync_type=kind, started_at=done, completed_at=done, status="completed")

    assert number(read_desk(now), "Age of the mirror")[0] == "2 h"


def test_the_front_page_takes_as_many_queries_for_many_as_for_few(
    console: Client, contracts: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    start_new_customer()
    console.get("/")  # caches of contracts and permissions
    with CaptureQueriesContext(connection) as few:
        console.get("/")
    for index in range(6):
        start_new_customer(f"Company {index}")
        factories.ArAgingFactory()
        factories.AnomalyInvestigationFactory()

    with django_assert_num_queries(len(few)):
        console.get("/")


def test_trouble_in_an_outbox_is_what_its_number_links_to(db: None) -> None:
    factories.OutboundEmailFactory(status="uncertain")
    factories.OutboundEmailFactory(status="queued")

    found = next(number for number in read_desk(timezone.now()).numbers if number.label == "Letters to send")

    assert (found.value, found.note, found.look) == ("2", "1 of them in trouble", "bad")
    assert "uncertain" in found.link


@pytest.mark.once
def test_every_number_opens_a_list(console: Client) -> None:
    factories.ArAgingFactory()
    desk = read_desk(timezone.now())

    drawn = [part.link for chart in desk.charts for column in chart.columns for part in column.parts]
    for link in [desk.decisions.all.link, *(found.link for found in desk.numbers), *drawn]:
        assert console.get(link).status_code == 200, link


def test_the_number_of_failed_checks_is_the_length_of_its_list(console: Client, contracts: None) -> None:
    run = start_new_customer()
    now = timezone.now()
    for status in ("fail", "timeout", "pass"):
        VerifyResult.objects.create(
            run=run, name=status, kind="sql", status=status, spec="{}", window_seconds=1, created_at=now
        )

    found = next(number for number in read_desk(now).numbers if number.label == "Failed verify checks")

    assert found.value == "2"
    assert console.get(found.link).context["cl"].result_count == 2


def test_an_approver_holds_everything_and_lifts_it(console: Client) -> None:
    turn = reverse("admin:hold_turn")

    page = console.post(turn, {"on": "yes", "reason": "Audit."}, follow=True).content.decode()
    assert "Everything is on hold" in page
    assert on_hold()
    assert "Audit." in console.get("/").content.decode()

    console.post(turn, {"on": "no", "reason": "Done."})
    assert not on_hold()
    assert Hold.objects.get().changed_by == "person:mike"


def test_a_post_that_says_neither_on_nor_off_leaves_the_hold_as_it_is(console: Client) -> None:
    turn = reverse("admin:hold_turn")
    console.post(turn, {"on": "yes", "reason": "Audit."})

    page = console.post(turn, {"reason": "Audit."}, follow=True).content.decode()

    assert "Choose whether" in page
    assert on_hold()


def test_a_switch_that_could_not_be_turned_for_a_busy_database_says_so(
    console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*arguments: object) -> bool:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(hold, "set_hold", busy)

    page = console.post(reverse("admin:hold_turn"), {"on": "yes"}, follow=True).content.decode()

    assert "Busy just now; nothing was changed; try again." in page
    assert not on_hold()


def test_nobody_else_turns_the_switch(viewer: Client, superuser: Client, sales: Client) -> None:
    for client in (viewer, superuser, sales):
        assert client.post(reverse("admin:hold_turn"), {"on": "yes"}).status_code == 403

    assert not on_hold()
