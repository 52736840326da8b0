"""approvals.services.expire and the moment after which nothing is approved: the database's clock, nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from approvals import hooks, services
from approvals.clock import database_now
from approvals.hooks import Proceed
from approvals.models import Decision, ProposedAction, Verdict
from approvals.services import DecisionResult
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
SKEWS = [timedelta(), timedelta(minutes=10), timedelta(minutes=-10)]


@pytest.fixture
def proposal(db: None) -> ProposedAction:
    return services.stage(new_proposal())


def move(proposal: ProposedAction, **moments: timedelta) -> None:
    """Set moments of the row, relative to the database's clock."""
    now = database_now()
    earlier = {"proposed_at": now - timedelta(days=1)}
    ProposedAction.objects.filter(pk=proposal.pk).update(**earlier, **{name: now + by for name, by in moments.items()})


def say(proposal: ProposedAction, verdict: Verdict, user: User) -> DecisionResult:
    return services.decide(proposal.pk, verdict, user=user, channel="admin", digest=proposal.digest, reason="because")


@pytest.mark.parametrize("skew", SKEWS)
@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
def test_a_second_after_its_expiry_nothing_is_decided(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, verdict: Verdict, skew: timedelta
) -> None:
    move(proposal, expires_at=-SECOND)

    with time_machine.travel(datetime.now(UTC) + skew):
        result = say(proposal, verdict, mike)

    assert result.outcome == "refused"
    assert result.message.startswith("Expired on ")
    assert (recording.effects, Decision.objects.count()) == ([], 0)


@pytest.mark.parametrize("skew", SKEWS)
@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
def test_a_second_before_its_expiry_it_is(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, verdict: Verdict, skew: timedelta
) -> None:
    move(proposal, expires_at=SECOND)

    with time_machine.travel(datetime.now(UTC) + skew):
        result = say(proposal, verdict, mike)
        expired = services.expire_due()

    assert (result.outcome, expired) == ({"approve": "approved", "reject": "rejected"}[verdict], [])
    assert recording.effects == [("p1", verdict)]


def test_a_proposal_that_expires_while_it_is_checked_again_is_not_approved(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    class SlowHooks(RecordingHooks):
        def before_approve(self, proposal: ProposedAction) -> Proceed:
            move(proposal, expires_at=-SECOND)
            return Proceed()

    slow = SlowHooks()
    hooks.register(slow)

    result = say(proposal, Verdict.APPROVE, mike)

    assert result.outcome == "refused"
    assert (slow.effects, Decision.objects.count()) == ([], 0)


@pytest.mark.parametrize("skew", SKEWS)
def test_only_what_is_due_expires_and_once(mike: User, recording: RecordingHooks, skew: timedelta) -> None:
    late, early, decided = services.stage_many([new_proposal(name) for name in ("late", "early", "decided")])
    say(decided, Verdict.APPROVE, mike)
    for proposal, by in ((late, -SECOND), (early, SECOND * 5), (decided, -SECOND)):
        move(proposal, expires_at=by)

    with time_machine.travel(datetime.now(UTC) + skew):
        passes = [services.expire_due(), services.expire_due()]

    assert passes == [["late"], []]
    assert recording.ended == ["late"]
    assert dict(ProposedAction.objects.values_list("pk", "status")) == {
        "late": "expired",
        "early": "pending",
        "decided": "approved",
    }


def test_a_long_backlog_expires_in_one_pass(recording: RecordingHooks) -> None:
    proposals = services.stage_many([new_proposal(f"p{number:04}") for number in range(450)])
    now = database_now()
    ProposedAction.objects.update(expires_at=now, proposed_at=now - timedelta(days=1))

    assert services.expire_due() == [proposal.pk for proposal in proposals] == recording.ended


def test_what_expired_says_so(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    move(proposal, expires_at=-SECOND)
    services.expire_due()

    result = say(proposal, Verdict.APPROVE, mike)

    assert result.message.startswith("Expired on ")
    assert result.message.endswith("it can be proposed again.")


@pytest.mark.parametrize("skew", SKEWS)
def test_an_overdue_proposal_is_reminded_of_once(mike: User, skew: timedelta) -> None:
    names = ("overdue", "in time", "expired", "decided")
    overdue, _, expired, decided = services.stage_many([new_proposal(name) for name in names])
    say(decided, Verdict.REJECT, mike)
    for proposal in (overdue, expired, decided):
        move(proposal, window_ends_at=-SECOND)
    move(expired, window_ends_at=-SECOND, expires_at=-SECOND)
    told: list[ProposedAction] = []

    with time_machine.travel(datetime.now(UTC) + skew):
        passes = [services.remind_overdue(told.append), services.remind_overdue(told.append)]

    assert [[proposal.pk for proposal in reminded] for reminded in passes] == [["overdue"], []]
    assert told == passes[0]
    assert abs(passes[0][0].reminded_at - database_now()) < timedelta(minutes=1)


@pytest.mark.parametrize("skew", SKEWS)
def test_staging_takes_its_moments_from_the_database(skew: timedelta) -> None:
    before = database_now()
    with time_machine.travel(datetime.now(UTC) + skew):
        proposal = services.stage(new_proposal(window_minutes=30, expires_seconds=7200))

    assert before <= proposal.proposed_at <= database_now()
    assert proposal.window_ends_at == proposal.proposed_at + timedelta(minutes=30)
    assert proposal.expires_at == proposal.proposed_at + timedelta(hours=2)


def test_a_decision_is_dated_by_the_database(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        say(proposal, Verdict.APPROVE, mike)

    assert proposal.proposed_at <= Decision.objects.get().decided_at <= database_now()
