"""Approve, reject and expire at once, from eight threads: one of them wins, and only one."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection

from approvals import services
from approvals.chain import verify
from approvals.clock import DatabaseNow
from approvals.models import Decision, ProposedAction, Verdict
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
ROUNDS = 300


def approve(proposal: ProposedAction, user: User) -> str:
    return _decide(proposal, Verdict.APPROVE, user)


def reject(proposal: ProposedAction, user: User) -> str:
    return _decide(proposal, Verdict.REJECT, user)


def expire(proposal: ProposedAction, user: User) -> str:
    """Time passes, and a scheduler comes by."""
    ProposedAction.objects.filter(pk=proposal.pk).update(expires_at=DatabaseNow())
    return "expired" if proposal.pk in services.expire_due() else "refused"


def _decide(proposal: ProposedAction, verdict: Verdict, user: User) -> str:
    arguments = {"channel": "admin", "digest": proposal.digest, "reason": "too dear"}
    return services.decide(proposal.pk, verdict, user=user, **arguments).outcome


def test_three_hundred_races_have_one_winner_each(shared_database: None, mike: User, recording: RecordingHooks) -> None:
    start = Barrier(THREADS)
    acts = [approve, approve, approve, reject, reject, reject, expire, expire]

    def racer(act: Callable[[ProposedAction, User], str], proposal: ProposedAction) -> str:
        start.wait()
        try:
            return act(proposal, mike)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(ROUNDS):
            proposal = services.stage(new_proposal(f"p{number}"))
            shuffled = random.sample(acts, len(acts))
            outcomes = list(pool.map(racer, shuffled, [proposal] * THREADS))
            won = [outcome for outcome in outcomes if outcome != "refused"]
            proposal.refresh_from_db()
            assert won == [proposal.status]

    statuses = list(ProposedAction.objects.values_list("pk", "status"))
    told = {(pk, {"approve": "approved", "reject": "rejected"}[verdict]) for pk, verdict in recording.effects}
    assert len(recording.effects) == Decision.objects.count()
    assert told == {(pk, status) for pk, status in statuses if status != "expired"}
    assert sorted(recording.ended) == sorted(pk for pk, status in statuses if status == "expired")
    assert verify() == []
