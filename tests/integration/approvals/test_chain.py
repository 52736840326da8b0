"""approvals.chain: whatever is done to a decision behind the services' back, verify finds it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F

from approvals import services
from approvals.canonical import digest
from approvals.chain import START, fingerprint, verification, verify
from approvals.models import Decision, DecisionChain, Outcome, ProposedAction, Verdict
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db

LENGTH = 7
EVERYWHERE = [1, 4, LENGTH]  # first, middle, last


@pytest.fixture
def chain(mike: User, recording: RecordingHooks) -> list[Decision]:
    """Approvals, rejections and one edit, by turns; one more proposal is pending, and another user is there."""
    User.objects.create_user("ann")
    services.stage_many([new_proposal(f"p{number}") for number in range(1, LENGTH + 2)])
    for number in range(1, LENGTH + 1):
        verdict = Verdict.REJECT if number % 2 == 0 else Verdict.APPROVE
        speak(ProposedAction.objects.get(pk=f"p{number}"), None if number == 5 else verdict, mike)
    assert verify() == []
    return list(Decision.objects.order_by("seq"))


def speak(proposal: ProposedAction, verdict: Verdict | None, user: User) -> services.DecisionResult:
    shown = {"user": user, "channel": "admin", "digest": proposal.digest}
    if verdict is None:
        return services.edit(proposal.pk, [{"item": "", "field": "subject", "value": "x"}], **shown)
    return services.decide(proposal.pk, verdict, reason="too dear", **shown)


def row(seq: int) -> Any:
    return Decision.objects.filter(seq=seq)


FORGED: dict[str, Callable[[Decision], object]] = {
    "seq": lambda decision: decision.seq + 1000,
    "proposal_id": lambda decision: f"p{LENGTH + 1}",
    "user_id": lambda decision: User.objects.get(username="ann").pk,
    "principal": lambda decision: "person:ann",
    "channel": lambda decision: "api",
    "verdict": lambda decision: "reject" if decision.verdict == "approve" else "approve",
    "reason": lambda decision: decision.reason + " ",
    "digest_shown": lambda decision: digest("forged"),
    "digest_decided": lambda decision: digest("forged"),
    "edits": lambda decision: '[{"field":"to","item":"","value":"eve@example.com"}]',
    "decided_at": lambda decision: decision.decided_at + timedelta(milliseconds=1),
    "previous_hash": lambda decision: digest("forged"),
    "hash": lambda decision: digest("forged"),
}


def test_every_field_of_a_decision_is_tried() -> None:
    assert set(FORGED) == {field.attname for field in Decision._meta.concrete_fields}


@pytest.mark.parametrize("seq", EVERYWHERE)
@pytest.mark.parametrize("name", FORGED)
def test_a_changed_field_is_found(chain: list[Decision], name: str, seq: int) -> None:
    row(seq).update(**{name: FORGED[name](chain[seq - 1])})

    assert f"Decision {seq + 1000 if name == 'seq' else seq} was changed." in verify()


@pytest.mark.parametrize("seq", EVERYWHERE)
@pytest.mark.parametrize("name", sorted(set(FORGED) - {"hash"}))
def test_a_changed_field_whose_hash_was_mended_is_found(chain: list[Decision], name: str, seq: int) -> None:
    row(seq).update(**{name: FORGED[name](chain[seq - 1])})
    forged = Decision.objects.exclude(pk__in=[other.pk for other in chain if other.seq != seq]).get()
    Decision.objects.filter(pk=forged.pk).update(hash=fingerprint(forged))

    assert verify()


@pytest.mark.parametrize("seq", range(1, LENGTH + 1))
def test_a_removed_decision_is_found(chain: list[Decision], seq: int) -> None:
    row(seq).delete()

    assert [problem for problem in verify() if "missing" in problem]


@pytest.mark.parametrize("count", range(1, LENGTH + 1))
def test_removed_last_decisions_are_found(chain: list[Decision], count: int) -> None:
    Decision.objects.filter(seq__gt=LENGTH - count).delete()

    assert verify()


@pytest.mark.parametrize("count", [1, 2])
def test_removed_last_decisions_are_found_when_the_head_was_mended(chain: list[Decision], count: int) -> None:
    Decision.objects.filter(seq__gt=LENGTH - count).delete()
    DecisionChain.objects.update(count=LENGTH - count, head=chain[LENGTH - count - 1].hash)

    assert [problem for problem in verify() if "no decision says" in problem]


@pytest.mark.parametrize("head", [{"count": 3}, {"count": 99}, {"head": digest("x")}, {"count": 0, "head": START}])
def test_a_changed_head_is_found(chain: list[Decision], head: dict[str, Any]) -> None:
    DecisionChain.objects.update(**head)

    assert verify()


def test_a_removed_head_is_found(chain: list[Decision]) -> None:
    DecisionChain.objects.all().delete()

    assert verify()


@pytest.mark.parametrize("seq", [0, LENGTH + 1, LENGTH + 2])
def test_an_inserted_decision_is_found(chain: list[Decision], seq: int) -> None:
    forged = Decision.objects.get(seq=LENGTH)
    forged.seq, forged.proposal_id, forged.previous_hash = seq, f"p{LENGTH + 1}", forged.hash
    forged.hash = fingerprint(forged)
    forged.save(force_insert=True)

    assert verify()


def test_a_decision_inserted_in_the_midst_is_found(chain: list[Decision]) -> None:
    Decision.objects.filter(seq__gt=3).order_by("-seq").update(seq=F("seq") + 1000)
    Decision.objects.filter(seq__gt=1000).update(seq=F("seq") - 999)
    forged = Decision.objects.get(seq=3)
    forged.seq, forged.proposal_id, forged.previous_hash = 4, f"p{LENGTH + 1}", forged.hash
    forged.hash = fingerprint(forged)
    forged.save(force_insert=True)

    assert verify()


@pytest.mark.parametrize("pair", [(1, 2), (3, 6), (LENGTH - 1, LENGTH), (1, LENGTH)])
def test_reordered_decisions_are_found(chain: list[Decision], pair: tuple[int, int]) -> None:
    first, second = pair
    row(first).update(seq=1000)
    row(second).update(seq=first)
    row(1000).update(seq=second)

    assert verify()


def test_reordered_decisions_whose_hashes_were_mended_are_found(chain: list[Decision]) -> None:
    first, second = chain[1], chain[0]
    Decision.objects.filter(seq__lte=2).delete()
    for seq, decision, previous in ((1, first, START), (2, second, "")):
        decision.seq, decision.previous_hash = seq, previous or first.hash
        decision.hash = fingerprint(decision)
        decision.save(force_insert=True)

    assert verify()


PROPOSAL_CHANGES = [
    {"effects": '{"subject":"Forged"}'},
    {"digest": digest("forged")},
    {"effects": '{"subject":"Forged"}', "digest": digest('{"subject":"Forged"}')},
    {"status": "pending"},
    {"status": "expired"},
]


@pytest.mark.parametrize("change", PROPOSAL_CHANGES)
@pytest.mark.parametrize("seq", [1, 2, 5, LENGTH])
def test_a_proposal_changed_after_its_decision_is_found(
    chain: list[Decision], change: dict[str, str], seq: int
) -> None:
    ProposedAction.objects.filter(pk=f"p{seq}").update(**change)

    assert verify()


@pytest.mark.parametrize(
    "change", [{"status": "approved"}, {"status": "rejected"}, {"outcome": "applied"}, {"outcome": "approved"}]
)
def test_a_proposal_that_nobody_decided_is_found(chain: list[Decision], change: dict[str, str]) -> None:
    ProposedAction.objects.filter(pk=f"p{LENGTH + 1}").update(**change)

    assert verify()


def test_a_rejected_proposal_made_approved_is_found(chain: list[Decision]) -> None:
    ProposedAction.objects.filter(pk="p2").update(status="approved", outcome="approved")

    assert verify()


def test_what_the_services_do_later_is_no_problem(chain: list[Decision]) -> None:
    services.advance_outcome("p1", Outcome.APPLIED)
    services.close("p3", "The debt was paid.")
    services.supersede(f"p{LENGTH}", new_proposal("again", item=f"p{LENGTH}"))

    assert verify() == []


def test_an_empty_chain_is_in_order(db: None) -> None:
    assert verify() == []


def test_long_chains_are_walked_in_batches(chain: list[Decision], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_BATCH", 2)
    assert verify() == []

    row(4).delete()

    assert len(verify()) >= 2  # the gap, and the proposal without its decision


def test_a_row_that_cannot_be_read_is_a_problem_and_no_crash(chain: list[Decision]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps no moment that is none")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE decisions SET decided_at = '2026-99-99 00:00:00' WHERE seq = 4")

    assert [problem for problem in verify() if "cannot be read" in problem]


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, None])
@pytest.mark.parametrize("head", [{"count": 3}, {"count": 0, "head": START}])
def test_a_decision_that_does_not_fit_a_tampered_chain_is_refused(
    chain: list[Decision], mike: User, recording: RecordingHooks, head: dict[str, Any], verdict: Verdict | None
) -> None:
    DecisionChain.objects.update(**head)
    effects = list(recording.effects)

    result = speak(ProposedAction.objects.get(pk=f"p{LENGTH + 1}"), verdict, mike)

    assert (result.outcome, result.proposal.status) == ("refused", "pending")
    assert (recording.effects, Decision.objects.count()) == (effects, LENGTH)
