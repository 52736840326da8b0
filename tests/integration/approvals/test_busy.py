"""A lock that is not to be had in time: the person is told, nothing is decided, and trying again works."""

from collections.abc import Callable
from importlib import import_module
from typing import NoReturn

import pytest
from django.contrib.auth.models import User
from django.db import DataError, InterfaceError, OperationalError

from approvals import hooks, services
from approvals.models import Decision, ProposedAction, Verdict
from tests.integration.approvals.fakes import RecordingHooks, new_proposal
from tests.locks import held_elsewhere

pytestmark = pytest.mark.usefixtures("shared_database", "recording")


@pytest.fixture
def proposal(shared_database: None) -> ProposedAction:
    return services.stage(new_proposal())


def locked(proposal: ProposedAction) -> Callable[[], object]:
    return lambda: ProposedAction.objects.select_for_update().get(pk=proposal.pk)


def decide(proposal: ProposedAction, user: User) -> services.DecisionResult:
    return services.decide(proposal.pk, Verdict.APPROVE, user=user, channel="admin", digest=proposal.digest)


def edit(proposal: ProposedAction, user: User) -> services.DecisionResult:
    edits = [{"item": "letter", "field": "subject", "value": "Bonjour"}]
    return services.edit(proposal.pk, edits, user=user, channel="admin", digest=proposal.digest)


def test_a_decision_that_meets_a_lock_is_refused_and_may_be_taken_again(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    with held_elsewhere(locked(proposal)):
        result = decide(proposal, mike)

    assert (result.outcome, result.message) == ("refused", hooks.BUSY)
    assert not Decision.objects.exists()
    assert decide(proposal, mike).outcome == "approved"


def test_an_edit_that_meets_a_lock_is_refused_and_may_be_made_again(proposal: ProposedAction, mike: User) -> None:
    with held_elsewhere(locked(proposal)):
        result = edit(proposal, mike)

    assert (result.outcome, result.message) == ("refused", hooks.BUSY)
    assert edit(proposal, mike).outcome == "superseded"


def test_proposing_again_that_meets_a_lock_is_refused_and_may_be_asked_again(proposal: ProposedAction) -> None:
    services.close(proposal.pk, "paid")

    with held_elsewhere(locked(proposal)), pytest.raises(services.DecisionRefusedError, match="try again"):
        services.propose_again(proposal.pk, "person:mike")

    assert services.propose_again(proposal.pk, "person:mike").status == "pending"


# --- other troubles that pass by themselves ---------------------------------------------------------------------------


def raises(error: Exception) -> Callable[..., NoReturn]:
    def call(*_args: object) -> NoReturn:
        raise error

    return call


PASSING = [OperationalError("server closed the connection unexpectedly"), InterfaceError("connection already closed")]


@pytest.mark.parametrize("trouble", PASSING)
@pytest.mark.parametrize(("verb", "do", "done"), [("decide", decide, "approved"), ("edit", edit, "superseded")])
def test_trouble_that_passes_is_said_as_it_is(
    proposal: ProposedAction,
    mike: User,
    monkeypatch: pytest.MonkeyPatch,
    verb: str,
    do: Callable[[ProposedAction, User], services.DecisionResult],
    done: str,
    trouble: Exception,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(import_module(f"approvals.services.{verb}"), "locked", raises(trouble))
        result = do(proposal, mike)

    assert (result.outcome, result.message) == ("refused", hooks.BUSY)
    assert do(proposal, mike).outcome == done


@pytest.mark.parametrize("trouble", PASSING)
def test_trouble_that_passes_keeps_nothing_from_being_proposed_again(
    proposal: ProposedAction, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    services.close(proposal.pk, "paid")
    with monkeypatch.context() as patch:
        patch.setattr(import_module("approvals.services.again"), "locked", raises(trouble))
        with pytest.raises(services.DecisionRefusedError, match="try again"):
            services.propose_again(proposal.pk, "person:mike")

    assert services.propose_again(proposal.pk, "person:mike").status == "pending"


def test_what_does_not_pass_is_raised(proposal: ProposedAction, mike: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("approvals.services.decide"), "locked", raises(DataError("out of range")))

    with pytest.raises(DataError):
        decide(proposal, mike)
