"""One push that breaks us does not keep the others from leaving, and what NetSuite says can always be stored."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.integration.netsuite.pushes import approved_push, hurry, settle, status
from workflows_app.models import Alert
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import OutcomeUnknownError, RefusedError
from workflows_app.netsuite.push import Counts, deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Asking for one record breaks in a way that nobody foresaw."""
    get = NetSuite.get

    def instead(self: NetSuite, record_type: str, ref: str, **options: Any) -> Any:
        if ref.endswith("ada"):
            raise KeyError("surprise")
        return get(self, record_type, ref, **options)

    monkeypatch.setattr(NetSuite, "get", instead)
    return monkeypatch


def test_an_error_of_ours_stops_one_push_only(sandbox: Sandbox, mike: User, breaking: pytest.MonkeyPatch) -> None:
    push, other = approved_push(mike, "ada"), approved_push(mike, "bob")

    assert deliver_pushes() == Counts(applied=1, outcome_unknown=1)

    assert (status(push), push.attempts, push.lease_owner) == ("outcome_unknown", 1, "")
    assert status(other) == "applied"
    alert = Alert.objects.get()
    assert alert.kind == "push_broken"
    assert "cs-cus-ada" in alert.message
    assert "KeyError" in alert.message


def test_what_breaks_three_times_is_dead_and_sent_once(
    sandbox: Sandbox, mike: User, breaking: pytest.MonkeyPatch
) -> None:
    push = approved_push(mike, "ada")

    settle()

    assert (status(push), push.attempts) == ("dead", 3)
    assert len(sandbox.arrived("PUT")) == 1


def test_what_broke_us_once_arrives_and_closes_its_alert(
    sandbox: Sandbox, mike: User, breaking: pytest.MonkeyPatch
) -> None:
    push = approved_push(mike, "ada")
    deliver_pushes()
    breaking.undo()
    hurry()

    deliver_pushes()

    assert status(push) == "applied"
    assert len(sandbox.arrived("PUT")) == 1
    assert not Alert.objects.filter(resolved_at=None).exists()


@pytest.mark.parametrize("error", [RefusedError, OutcomeUnknownError])
def test_a_character_that_cannot_be_stored_is_left_out(
    sandbox: Sandbox, mike: User, monkeypatch: pytest.MonkeyPatch, error: type[RefusedError | OutcomeUnknownError]
) -> None:
    def refuse(*arguments: Any, **options: Any) -> str:
        raise error("PUT: 400 bad \0 name", status=400, body="x\0y")

    monkeypatch.setattr(NetSuite, "upsert", refuse)
    push = approved_push(mike, "ada")

    deliver_pushes()

    assert (status(push), push.attempts) == ("retrying" if error is RefusedError else "outcome_unknown", 1)
    assert (push.last_error, push.answer) == ("PUT: 400 bad  name", "xy")
