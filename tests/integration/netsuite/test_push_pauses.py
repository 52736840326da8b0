"""Pushes that wait without an attempt: held, busy, away, login and permission refused, a request on its way."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ
from pytest_django import Settings

from approvals.clock import database_now
from approvals.models import ProposedAction
from tests.factories import CustomerFactory
from tests.integration.netsuite.pushes import (
    approved_push,
    estimate,
    hurry,
    new_record,
    settle,
    status,
)
from workflows_app.models import Alert, Hold, NetSuiteSlot, PendingPush
from workflows_app.netsuite import authentication, push_queue
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import PermissionRefusedError
from workflows_app.netsuite.known_change import GRACE
from workflows_app.netsuite.push import Counts, deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


def test_nothing_leaves_while_everything_is_on_hold(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    Hold.objects.create(on=True)

    assert deliver_pushes() == Counts()
    assert push_queue.claim(push.pk, timedelta(minutes=1)) is None
    assert (status(push), sandbox.arrived()) == ("pending", [])


def test_a_hold_that_comes_between_claim_and_sending_is_heeded(
    sandbox: Sandbox, mike: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    push = approved_push(mike, "ada")
    claim = push_queue.claim

    def hold_then(*arguments: Any) -> Any:
        found = claim(*arguments)
        Hold.objects.create(on=True)
        return found

    monkeypatch.setattr(push_queue, "claim", hold_then)
    deliver_pushes()

    assert (status(push), push.attempts) == ("pending", 0)
    assert sandbox.records("customer") == []


def test_a_busy_netsuite_costs_no_attempt(sandbox: Sandbox, mike: User) -> None:
    push, other = approved_push(mike, "ada"), approved_push(mike, "bob")
    sandbox.plant("too_many", method="PUT", times=9)

    for _ in range(5):
        deliver_pushes()
        hurry()

    assert (status(push), push.attempts, push.waits) == ("pending", 0, 5)
    assert (status(other), other.waits) == ("pending", 0)
    assert Alert.objects.get().kind == "netsuite_away"

    settle()
    assert [status(push), status(other)] == ["applied", "applied"]
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_pauses_grow(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("too_many", method="PUT", times=20)

    pauses = []
    for _ in range(8):
        deliver_pushes()
        push.refresh_from_db()
        pauses.append((push.next_attempt_at - database_now()).total_seconds())
        hurry()

    assert 3 < pauses[0] < 7
    assert pauses[3] > 4 * pauses[0]
    assert max(pauses) <= 360


def test_nobody_there_costs_no_attempt(settings: Settings, mike: User) -> None:
    push = approved_push(mike, "ada")

    deliver_pushes()

    assert (status(push), push.attempts, push.waits) == ("pending", 0, 1)
    assert "cannot be reached" in push.last_error


def test_a_refused_login_makes_everything_wait(sandbox: Sandbox, mike: User) -> None:
    pushes = [approved_push(mike, "ada"), approved_push(mike, "bob")]
    sandbox.plant("unauthorized", method="PUT", times=2)

    deliver_pushes()
    calls = len(sandbox.arrived())
    assert deliver_pushes() == Counts()

    assert len(sandbox.arrived()) == calls
    assert [(status(one), one.attempts) for one in pushes] == [("pending", 0)] * 2
    assert Alert.objects.get().kind == "netsuite_login"

    settle()
    assert [status(one) for one in pushes] == ["applied"] * 2
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_half_a_login_in_the_settings_is_an_alert(settings: Settings, mike: User) -> None:
    settings.NETSUITE = {**settings.NETSUITE, "ACCOUNT": "123456"}
    push = approved_push(mike, "ada")

    assert deliver_pushes() == Counts()

    assert (status(push), push.attempts) == ("pending", 0)
    assert "NETSUITE_CLIENT_ID" in Alert.objects.get().message


def test_a_request_that_may_still_arrive_is_not_sent_again_at_once(sandbox: Sandbox, mike: User) -> None:
    push = approved_push(mike, "ada")
    sandbox.plant("drop_before_commit", method="PUT")
    deliver_pushes()
    PendingPush.objects.update(next_attempt_at=None)

    deliver_pushes()

    assert (status(push), push.attempts) == ("outcome_unknown", 1)
    assert len(sandbox.arrived("PUT")) == 1
    assert database_now() < push.next_attempt_at <= push.sent_at + GRACE + timedelta(seconds=1)


def test_every_slot_is_free_in_the_end(sandbox: Sandbox, mike: User) -> None:
    approved_push(mike, "ada")
    sandbox.plant("drop_before_commit", method="PUT")

    settle()

    assert NetSuiteSlot.objects.exclude(lease_until=None).count() == 0


def test_what_waits_for_an_hour_is_an_alert_until_it_arrives(sandbox: Sandbox, mike: User) -> None:
    entity = {"placeholder": "ns_id", "of": "cs-cus-ada"}
    record = estimate(entity, new_record("inventoryItem", itemId="RICE"), "1.00")
    push = approved_push(mike, "q", record_type="estimate", external_id="cs-est-1", record=record)
    for _ in range(4):
        deliver_pushes()
        hurry()
    assert not Alert.objects.exists()

    PendingPush.objects.update(created_at=database_now() - timedelta(hours=2))
    deliver_pushes()
    hurry()
    assert "cs-cus-ada" in Alert.objects.get(kind="push_waiting").message

    CustomerFactory(id="cs-cus-ada", ns_id=new_record("customer", companyName="Ada"))
    deliver_pushes()
    assert (status(push), push.attempts) == ("applied", 0)
    assert not Alert.objects.filter(resolved_at=None).exists()


def test_no_secret_is_written_down(sandbox: Sandbox, mike: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for fault, times in (("unauthorized", 2), ("error_after_commit", 1), ("malformed_json", 1), ("too_many", 1)):
        push = approved_push(mike, fault)
        sandbox.plant(fault, method="PUT", times=times)
        settle()
        assert status(push) == "applied"

    rows = [list(model.objects.values_list()) for model in (Alert, PendingPush, NetSuiteSlot, OrmQ, ProposedAction)]
    seen = caplog.text + repr(rows)
    key = sandbox.credentials.private_key_pem.splitlines()[1]
    tokens = [token.text for token in authentication._SHARED._tokens.values()]
    assert tokens
    assert [secret for secret in [key, *tokens] if secret in seen] == []


def test_missing_permission_stops_only_such_records(
    sandbox: Sandbox, mike: User, refusing: Callable[[str], None]
) -> None:
    refusing("estimate")
    item = new_record("inventoryItem", itemId="RICE")
    ns_id = new_record("customer", companyName="Bob")
    quotes = [
        approved_push(mike, f"q{n}", record_type="estimate", external_id=f"cs-est-{n}", record=estimate(ns_id, item))
        for n in range(2)
    ]
    customer = approved_push(mike, "ada")

    deliver_pushes()

    assert [(status(one), one.attempts) for one in quotes] == [("pending", 0)] * 2
    assert [one.waits for one in quotes] == [1, 0]
    assert status(customer) == "applied"
    assert Alert.objects.get(resolved_at=None).kind == "netsuite_permission"


def test_what_may_not_leave_does_not_hold_up_what_may(
    sandbox: Sandbox, mike: User, refusing: Callable[[str], None]
) -> None:
    refusing("customer")
    waiting = [approved_push(mike, f"a{number}") for number in range(3)]
    other = approved_push(mike, "i", record_type="inventoryItem", external_id="cs-itm-1", record={"itemId": "RICE"})

    for _ in range(2):
        deliver_pushes(limit=1)

    assert [status(push) for push in waiting] == ["pending"] * 3
    assert status(other) == "applied"


def test_what_comes_after_an_unfinished_push_of_its_record_does_not_hold_up_others(
    sandbox: Sandbox, mike: User
) -> None:
    first = approved_push(mike, "0", external_id="cs-cus-ada")
    later = [approved_push(mike, str(number), external_id="cs-cus-ada") for number in (1, 2)]
    other = approved_push(mike, "other")
    PendingPush.objects.filter(pk=first.pk).update(next_attempt_at=database_now() + timedelta(hours=1))

    deliver_pushes(limit=1)

    assert [status(push) for push in (first, *later)] == ["pending"] * 3
    assert status(other) == "applied"


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the client refuse writes of a record type as a role without permission does."""
    upsert = NetSuite.upsert

    def refuse(record_type: str) -> None:
        def instead(self: NetSuite, kind: str, *arguments: Any, **options: Any) -> str:
            if kind == record_type:
                raise PermissionRefusedError("Your current role does not have permission to perform this action.")
            return upsert(self, kind, *arguments, **options)

        monkeypatch.setattr(NetSuite, "upsert", instead)

    return refuse
