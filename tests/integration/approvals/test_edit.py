"""approvals.services.edit: an edited proposal takes the place of a pending one, and both are kept."""

import pytest
from django.contrib.auth.models import User

from approvals import services
from approvals.canonical import parse
from approvals.chain import verify
from approvals.models import Decision, ProposedAction, Verdict
from approvals.services import DecisionResult
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db


def change(field: str, value: object) -> dict[str, object]:
    return {"item": "letter", "field": field, "value": value}


@pytest.fixture
def proposal(db: None) -> ProposedAction:
    return services.stage(new_proposal())


def edit(proposal: ProposedAction, user: User, *edits: dict[str, object], **changes: str) -> DecisionResult:
    shown = {"channel": "admin", "digest": proposal.digest} | changes
    return services.edit(proposal.pk, list(edits), user=user, **shown)


def test_the_edited_proposal_takes_the_place_of_the_pending_one(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    result = edit(proposal, mike, change("subject", "Bonjour"))

    proposal.refresh_from_db()
    successor = ProposedAction.objects.get(pk=result.replacement_id)
    decision = Decision.objects.get()
    assert (result.outcome, proposal.status, successor.status) == ("superseded", "superseded", "pending")
    assert (successor.supersedes_id, successor.plan_revision) == ("p1", 2)
    assert parse(proposal.effects)["subject"] == "Hello p1"
    assert parse(successor.effects)["subject"] == "Bonjour"
    assert (decision.proposal_id, decision.verdict, decision.digest_decided) == ("p1", "edit", proposal.digest)
    assert parse(decision.edits) == parse(successor.edits) == [change("subject", "Bonjour")]
    assert (recording.effects, verify()) == ([], [])


def test_the_successor_is_decided_as_any_other(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    successor = ProposedAction.objects.get(pk=edit(proposal, mike, change("subject", "Bonjour")).replacement_id)

    for card in (proposal, successor):
        services.decide(card.pk, Verdict.APPROVE, user=mike, channel="admin", digest=card.digest)

    assert recording.effects == [("p1-edited", "approve")]
    assert verify() == []


def test_later_edits_are_added_to_earlier_ones_and_win(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    first = edit(proposal, mike, change("subject", "Bonjour"), change("body", "Hi"))
    second = edit(ProposedAction.objects.get(pk=first.replacement_id), mike, change("subject", "Ciao"))

    successor = ProposedAction.objects.get(pk=second.replacement_id)
    assert parse(successor.edits) == [change("subject", "Ciao"), change("body", "Hi")]
    assert parse(successor.effects) == {"subject": "Ciao", "body": "Hi"}
    assert successor.plan_revision == 3


@pytest.mark.parametrize("edits", [[], [{"item": "a"}], [change("subject", 1.5)]])
def test_edits_without_a_proper_shape_are_refused(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, edits: list[dict[str, object]]
) -> None:
    assert edit(proposal, mike, *edits).outcome == "refused"
    assert_untouched(proposal)


def test_an_edit_that_the_hook_refuses_changes_nothing(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    recording.error = services.EditRefusedError("The amount cannot be edited.")

    result = edit(proposal, mike, change("amount", "1.00"))

    assert (result.outcome, result.message) == ("refused", "The amount cannot be edited.")
    assert_untouched(proposal)


def test_an_edit_of_an_outdated_card_is_refused(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    assert edit(proposal, mike, change("subject", "x"), digest="0" * 64).message.startswith("This card is out of date")
    assert_untouched(proposal)


def assert_untouched(proposal: ProposedAction) -> None:
    proposal.refresh_from_db()
    assert proposal.status == "pending"
    assert (ProposedAction.objects.count(), Decision.objects.count()) == (1, 0)
