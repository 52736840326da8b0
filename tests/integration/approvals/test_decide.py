"""approvals.services.decide: one person, one conditional UPDATE, one effect."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction

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


def test_a_rejection_keeps_its_reason_and_asks_no_second_look(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    result = say(proposal, Verdict.REJECT, mike, reason="  too dear ")

    proposal.refresh_from_db()
    assert result.outcome == "rejected"
    assert (proposal.status, proposal.outcome) == (ProposalStatus.REJECTED, Outcome.PROPOSED)
    assert Decision.objects.get().reason == "too dear"
    assert (recording.checked, recording.effects) == ([], [("p1", "reject")])


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001])
def test_a_rejection_without_a_proper_reason_is_refused(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, reason: str
) -> None:
    result = say(proposal, Verdict.REJECT, mike, reason=reason)

    assert result.outcome == "refused"
    assert "reason" in result.message
    assert_untouched(proposal, recording)


def test_a_card_with_another_digest_is_refused(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    result = say(proposal, Verdict.APPROVE, mike, digest="0" * 64)

    assert (result.outcome, result.message) == ("refused", "This card is out of date; look at it again.")
    assert_untouched(proposal, recording)


def test_effects_that_were_changed_behind_the_card_are_refused(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    ProposedAction.objects.filter(pk=proposal.pk).update(effects='{"subject":"Bonjour"}')

    result = say(proposal, Verdict.APPROVE, mike)

    assert result.outcome == "refused"
    assert "changed after it was proposed" in result.message
    assert_untouched(proposal, recording)


@pytest.mark.parametrize("first", [Verdict.APPROVE, Verdict.REJECT])
@pytest.mark.parametrize("second", [Verdict.APPROVE, Verdict.REJECT])
def test_the_second_of_two_decisions_hears_who_came_first(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, first: Verdict, second: Verdict
) -> None:
    say(proposal, first, mike)

    result = say(proposal, second, mike)

    assert result.outcome == "refused"
    assert result.message.startswith(f"Already {result.proposal.status} by person:mike on ")
    assert recording.effects == [("p1", first)]
    assert Decision.objects.count() == 1


def test_an_unknown_proposal_does_not_exist(mike: User) -> None:
    with pytest.raises(ProposedAction.DoesNotExist):
        services.decide("p9", Verdict.APPROVE, user=mike, channel="admin", digest="")


def test_an_edit_is_no_verdict_to_decide_with(proposal: ProposedAction, mike: User) -> None:
    with pytest.raises(ValueError, match="use edit"):
        say(proposal, Verdict.EDIT, mike)


@pytest.mark.parametrize("with_replacement", [True, False])
def test_a_changed_world_supersedes_instead_of_approving(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, with_replacement: bool
) -> None:
    new = planned_anew(proposal, "v2", price="9.50") if with_replacement else None
    recording.answer = Stop(status="superseded", message="The price changed.", replacement=new)

    result = say(proposal, Verdict.APPROVE, mike)

    assert (result.outcome, result.message, result.proposal.status) == (
        "superseded",
        "The price changed.",
        "superseded",
    )
    assert result.replacement_id == ("p1-v2" if with_replacement else None)
    assert (recording.effects, Decision.objects.count()) == ([], 0)
    assert (
        ProposedAction.objects.filter(supersedes="p1", plan_revision=2, status="pending").exists() is with_replacement
    )


def test_a_superseded_card_names_its_successor(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    services.supersede(proposal.pk, planned_anew(proposal, "v2"))

    result = say(proposal, Verdict.APPROVE, mike)

    assert (result.outcome, result.message) == ("refused", "Superseded by p1-v2.")


def test_a_closed_proposal_says_why(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    recording.answer = Stop(status="closed", message="The debt was paid.")

    first = say(proposal, Verdict.APPROVE, mike)
    second = say(proposal, Verdict.APPROVE, mike)

    assert (first.outcome, first.message) == ("closed", "The debt was paid.")
    assert (second.outcome, second.message) == ("refused", "Closed: The debt was paid.")
    assert Decision.objects.count() == 0


def test_a_world_that_changed_while_applying_closes_and_undoes_everything(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    recording.error = services.WorldChangedError("The row is gone.")

    result = say(proposal, Verdict.APPROVE, mike)

    proposal.refresh_from_db()
    assert (result.outcome, result.message) == ("closed", "The row is gone.")
    assert (proposal.status, proposal.outcome, proposal.summary) == ("closed", "proposed", "A letter")
    assert proposal.closed_reason == "The row is gone."
    assert Decision.objects.count() == 0


def test_a_decision_that_a_hook_refuses_leaves_the_proposal_pending(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    recording.error = services.DecisionRefusedError("Everything is on hold.")

    result = say(proposal, Verdict.APPROVE, mike)

    assert (result.outcome, result.message) == ("refused", "Everything is on hold.")
    assert result.proposal.status == "pending"
    assert_untouched(proposal, recording)


def test_an_error_of_a_hook_undoes_the_decision(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    recording.error = ZeroDivisionError()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        say(proposal, Verdict.APPROVE, mike)

    assert_untouched(proposal, recording)


def test_five_hundred_double_clicks_have_one_effect_each(mike: User, recording: RecordingHooks) -> None:
    proposals = services.stage_many([new_proposal(f"p{number}") for number in range(500)])

    outcomes = [[say(proposal, Verdict.APPROVE, mike).outcome for _ in range(2)] for proposal in proposals]

    assert outcomes == [["approved", "refused"]] * 500
    assert len(recording.effects) == len(set(recording.effects)) == Decision.objects.count() == 500


def assert_untouched(proposal: ProposedAction, recording: RecordingHooks) -> None:
    proposal.refresh_from_db()
    assert (proposal.status, proposal.outcome, proposal.summary) == ("pending", "proposed", "A letter")
    assert recording.effects == []
    assert Decision.objects.count() == 0
