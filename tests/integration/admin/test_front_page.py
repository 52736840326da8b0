"""The front page says how things stand, and the hold switch turns."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.integration.admin.rows import leaf, letter, stage
from workflows_app.admin import hold
from workflows_app.admin.dashboard import Desk, read_desk
from workflows_app.models import VerifyResult
from workflows_app.models.hold import Hold
from workflows_app.runner.hold import on_hold


def number(desk: Desk, label: str) -> tuple[str, str]:
    found = next(number for number in desk.numbers if number.label == label)
    return found.value, found.note


def test_an_empty_house_shows_zeros(console: Client) -> None:
    desk = read_desk(timezone.now())

    assert {number.value for number in desk.numbers} == {"0"}
    assert console.get("/").status_code == 200


def test_waiting_decisions_are_counted_with_their_amount_and_the_oldest(db: None) -> None:
    stage(leaf(letter()), "1", amount=Decimal("1000.50"))
    stage(leaf(letter()), "2", amount=Decimal("200.00"), title="The second")
    factories.ProposedActionFactory(rejected=True, amount=Decimal("5.00"))

    desk = read_desk(timezone.now() + timedelta(hours=2))

    assert number(desk, "Waiting decisions") == ("2", "the oldest 2 h ago")
    assert [waiting.overdue for waiting in desk.waiting] == [True, True]


def test_what_has_expired_does_not_wait(db: None) -> None:
    stage(leaf(letter()))

    desk = read_desk(timezone.now() + timedelta(days=2))

    assert number(desk, "Waiting decisions")[0] == "0"
    assert desk.waiting == ()


def test_receivables_stand_by_bucket_in_order(db: None) -> None:
    factories.ArAgingFactory(bucket="over 90", amount=Decimal("300.00"))
    factories.ArAgingFactory(bucket="1-30", amount=Decimal("100.00"))
    factories.ArAgingFactory(bucket="1-30", amount=Decimal("50.00"))

    bars = read_desk(timezone.now()).charts[0].bars

    assert [(bar.label, bar.value, bar.percent) for bar in bars] == [("1-30", "150.00", 50), ("over 90", "300.00", 100)]


def test_trouble_in_an_outbox_is_what_its_number_links_to(db: None) -> None:
    factories.OutboundEmailFactory(status="uncertain")
    factories.OutboundEmailFactory(status="queued")

    found = next(number for number in read_desk(timezone.now()).numbers if number.label == "Letters to send")

    assert (found.value, found.note, found.look) == ("2", "1 of them in trouble", "bad")
    assert "uncertain" in found.link


def test_every_number_opens_a_list(console: Client) -> None:
    factories.ArAgingFactory()
    desk = read_desk(timezone.now())

    for link in [*(found.link for found in desk.numbers), *(bar.link for chart in desk.charts for bar in chart.bars)]:
        assert console.get(link).status_code == 200, link


def test_the_number_of_failed_checks_is_the_length_of_its_list(console: Client, contracts: None) -> None:
    from tests.integration.admin.rows import start_new_customer

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
