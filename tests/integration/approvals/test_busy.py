"""A lock that is not to be had in time: the person is told, nothing is decided, and trying again works."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

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
