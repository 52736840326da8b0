"""approvals.services.decide: one person, one conditional UPDATE, one effect."""

import pytest
from django.contrib.auth.models import User

from approvals import services
from approvals.hooks import Stop
from approvals.models import Decision, Outcome, ProposalStatus, ProposedAction, Verdict
from approvals.services import DecisionResult
from tests.integration.approvals.fakes import RecordingHooks, new_proposal, planned_anew

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(db: None) -> ProposedAction:
    return services.stage(new_proposal())


def say(proposal: ProposedAction, verdict: Verdict, user: User, **changes: str) -> DecisionResult:
    reason = "" if verdict == Verdict.APPROVE else "too dear"
    arguments = {"channel": "admin", "digest": proposal.digest, "reason": reason} | changes
    return services.decide(proposal.pk, verdict, user=user, **arguments)


def test_an_approval_flips_the_row_appends_a_decision_and_calls_the_hook(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    result = say(proposal, Verdict.APPROVE, mike)

    proposal.refresh_from_db()
    decision = Decision.objects.get()
    assert result.outcome == "approved"
    assert (proposal.status, proposal.outcome) == (ProposalStatus.APPROVED, Outcome.APPROVED)
    assert (decision.principal, decision.verdict, decision.channel) == ("person:mike", "approve", "admin")
    assert decision.digest_shown == decision.digest_decided == proposal.digest
    assert recording.effects == [("p1", "approve")]
