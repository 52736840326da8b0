"""approvals.services.replace, outcome, again and stage: everything that is no decision."""

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from approvals import services
from approvals.canonical import digest, parse
from approvals.models import Outcome, ProposedAction, Verdict
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(db: None) -> ProposedAction:
    return services.stage(new_proposal())


def put(proposal: ProposedAction, **columns: str) -> None:
    ProposedAction.objects.filter(pk=proposal.pk).update(**columns)


UNAPPLIED = [{"status": "pending"}, {"status": "approved", "outcome": "approved"}]
ENDED = [
    {"status": "approved", "outcome": "applied"},
    {"status": "approved", "outcome": "uncertain"},
    {"status": "rejected"},
    {"status": "expired"},
    {"status": "superseded"},
    {"status": "closed", "closed_reason": "paid"},
]


def test_staging_freezes_the_effects_under_their_digest(proposal: ProposedAction) -> None:
    row = ProposedAction.objects.get()

    assert (row.status, row.outcome, row.digest) == ("pending", "proposed", digest(row.effects))
    assert row.proposed_at < row.window_ends_at < row.expires_at


def test_one_place_holds_one_proposal(proposal: ProposedAction) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        services.stage(new_proposal("p2", item=proposal.item))


def test_staging_nothing_writes_nothing() -> None:
    assert services.stage_many([]) == []


@pytest.mark.parametrize("columns", UNAPPLIED)
def test_what_is_not_applied_can_be_superseded(proposal: ProposedAction, columns: dict[str, str]) -> None:
    put(proposal, **columns)

    new = services.supersede(proposal.pk, new_proposal("p2", item=proposal.item, difference="[1]"))

    proposal.refresh_from_db()
    assert new is not None
    assert (new.supersedes_id, new.plan_revision, new.difference, new.status) == ("p1", 2, "[1]", "pending")
    assert proposal.status == "superseded"


@pytest.mark.parametrize("columns", UNAPPLIED)
def test_what_is_not_applied_can_be_closed(proposal: ProposedAction, columns: dict[str, str]) -> None:
    put(proposal, **columns)

    assert services.close(proposal.pk, "The debt was paid.")

    proposal.refresh_from_db()
    assert (proposal.status, proposal.closed_reason) == ("closed", "The debt was paid.")


@pytest.mark.parametrize("columns", ENDED)
def test_what_has_ended_stays_as_it_is(proposal: ProposedAction, columns: dict[str, str]) -> None:
    put(proposal, **columns)
    before = ProposedAction.objects.values().get()

    assert services.supersede(proposal.pk, new_proposal("p2")) is None
    assert services.close(proposal.pk, "The debt was paid.") is False

    assert ProposedAction.objects.values().get() == before


def test_closing_needs_a_reason(proposal: ProposedAction) -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        services.close(proposal.pk, " ")


def test_what_is_not_there_is_neither_closed_nor_superseded() -> None:
    assert services.close("p9", "gone") is False
    assert services.supersede("p9", new_proposal()) is None


@pytest.mark.parametrize("before", Outcome)
@pytest.mark.parametrize("after", Outcome)
def test_the_ladder_only_moves_forward(proposal: ProposedAction, before: Outcome, after: Outcome) -> None:
    put(proposal, status="approved", outcome=before)
    rungs = ["proposed", "approved", "applied", "sent", "confirmed", "verified"]
    if Outcome.UNCERTAIN in (before, after):
        may = (before, after) in {("applied", "uncertain"), ("uncertain", "sent")}
    else:
        may = rungs.index(before) < rungs.index(after)

    assert services.advance_outcome(proposal.pk, after) is may

    proposal.refresh_from_db()
    assert proposal.outcome == (after if may else before)


@pytest.mark.parametrize("status", ["pending", "rejected", "expired", "superseded", "closed"])
def test_only_an_approved_proposal_has_an_outcome(proposal: ProposedAction, status: str) -> None:
    put(proposal, status=status)

    assert services.advance_outcome(proposal.pk, Outcome.APPLIED) is False


@pytest.mark.parametrize("columns", [{"status": "expired"}, {"status": "closed", "closed_reason": "paid"}])
def test_what_expired_or_was_closed_is_proposed_again_once(
    proposal: ProposedAction, recording: RecordingHooks, columns: dict[str, str]
) -> None:
    put(proposal, **columns)

    again = services.propose_again(proposal.pk, "person:mike")

    assert (again.supersedes_id, again.plan_revision, again.proposed_by) == ("p1", 2, "person:mike")
    assert (again.status, parse(again.effects)) == ("pending", parse(proposal.effects))
    with pytest.raises(services.DecisionRefusedError, match="p1-again"):
        services.propose_again(proposal.pk, "person:mike")


@pytest.mark.parametrize("status", ["pending", "approved", "rejected", "superseded"])
def test_nothing_else_is_proposed_again(proposal: ProposedAction, recording: RecordingHooks, status: str) -> None:
    put(proposal, status=status)

    with pytest.raises(services.DecisionRefusedError, match=f"It is {status}"):
        services.propose_again(proposal.pk, "person:mike")

    assert ProposedAction.objects.count() == 1


def consumed(mike: User) -> list[ProposedAction]:
    """Approved proposals at every rung, and one of every other ending."""
    names = [outcome.value for outcome in Outcome if outcome != Outcome.PROPOSED]
    approved = services.stage_many([new_proposal(name) for name in names])
    rejected, expired, closed, edited = services.stage_many(
        [new_proposal(name) for name in ("rejected", "expired", "closed", "edited")]
    )
    for proposal in approved:
        services.decide(proposal.pk, Verdict.APPROVE, user=mike, channel="admin", digest=proposal.digest)
        put(proposal, outcome=proposal.pk)
    services.decide(rejected.pk, Verdict.REJECT, user=mike, channel="admin", digest=rejected.digest, reason="no")
    put(expired, status="expired")
    services.close(closed.pk, "paid")
    edits = [{"item": "", "field": "subject", "value": "x"}]
    services.edit(edited.pk, edits, user=mike, channel="admin", digest=edited.digest)
    return [*approved, rejected, expired, closed, edited]


def test_a_consumed_proposal_has_no_second_effect_by_any_way_in(mike: User, recording: RecordingHooks) -> None:
    proposals = consumed(mike)
    effects, rows = list(recording.effects), list(ProposedAction.objects.order_by("pk").values())

    for proposal in proposals:
        shown = {"user": mike, "channel": "admin", "digest": proposal.digest}
        for verdict in (Verdict.APPROVE, Verdict.REJECT):
            assert services.decide(proposal.pk, verdict, reason="again", **shown).outcome == "refused"
        edit = {"item": "", "field": "subject", "value": "y"}
        assert services.edit(proposal.pk, [edit], **shown).outcome == "refused"
        if proposal.pk != "approved":  # nothing is applied of that one: it may still be superseded or closed
            assert services.supersede(proposal.pk, new_proposal("new")) is None
            assert services.close(proposal.pk, "again") is False
    assert services.expire_due() == []

    assert recording.effects == effects
    assert list(ProposedAction.objects.order_by("pk").values()) == rows
