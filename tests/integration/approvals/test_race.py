"""Approve, reject and expire at once, from eight threads: one of them wins, and only one."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import Any

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


@contextmanager
def racers() -> Iterator[Callable[[list[Callable[[], Any]]], list[Any]]]:
    """Threads that start together, each with a connection of its own."""
    start = Barrier(THREADS)

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        return act()

    with ThreadPoolExecutor(THREADS) as pool:
        try:
            yield lambda acts: list(pool.map(run, acts))
        finally:
            list(pool.map(run, [lambda: connection.close()] * THREADS))  # each its own


def test_three_hundred_races_have_one_winner_each(shared_database: None, mike: User, recording: RecordingHooks) -> None:
    acts = [approve, approve, approve, reject, reject, reject, expire, expire]

    with racers() as race:
        for number in range(ROUNDS):
            proposal = services.stage(new_proposal(f"p{number}"))
            shuffled = random.sample(acts, len(acts))
            outcomes = race([partial(act, proposal, mike) for act in shuffled])
            proposal.refresh_from_db()
            assert [outcome for outcome in outcomes if outcome != "refused"] == [proposal.status]

    statuses = list(ProposedAction.objects.values_list("pk", "status"))
    told = {(pk, {"approve": "approved", "reject": "rejected"}[verdict]) for pk, verdict in recording.effects}
    assert len(recording.effects) == Decision.objects.count()
    assert told == {(pk, status) for pk, status in statuses if status != "expired"}
    assert sorted(recording.ended) == sorted(pk for pk, status in statuses if status == "expired")
    assert verify() == []


def test_the_chain_is_found_in_order_while_somebody_decides(
    shared_database: None, mike: User, recording: RecordingHooks
) -> None:
    proposals = services.stage_many([new_proposal(f"p{number}") for number in range(100)])

    def approve_all() -> None:
        try:
            for proposal in proposals:
                approve(proposal, mike)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        decided = pool.submit(approve_all)
        problems = verify()
        while not decided.done():
            problems += verify()

    decided.result()
    assert problems == []
    assert Decision.objects.count() == 100
