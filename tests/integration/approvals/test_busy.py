"""A lock that is not to be had in time: the person is told, nothing is decided, and trying again works."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from approvals import hooks, services
from approvals.models import Decision, ProposedAction, Verdict
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.usefixtures("shared_database", "recording")


@pytest.fixture
def proposal(shared_database: None) -> ProposedAction:
    return services.stage(new_proposal())


@contextmanager
def somebody_holds(proposal: ProposedAction) -> Iterator[None]:
    """Another worker has locked the row; this connection waits for a tenth of a second only."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            ProposedAction.objects.select_for_update().get(pk=proposal.pk)
            held.set()
            done.wait(20)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    _patience("100ms", 100)
    try:
        yield
    finally:
        done.set()
        thread.join()
        _patience("5s", 5000)


def _patience(postgresql: str, sqlite: int) -> None:
    statement = f"PRAGMA busy_timeout = {sqlite}" if connection.vendor == "sqlite" else None
    with connection.cursor() as cursor:
        cursor.execute(statement or f"SET lock_timeout = '{postgresql}'")


def decide(proposal: ProposedAction, user: User) -> services.DecisionResult:
    return services.decide(proposal.pk, Verdict.APPROVE, user=user, channel="admin", digest=proposal.digest)


def edit(proposal: ProposedAction, user: User) -> services.DecisionResult:
    edits = [{"item": "letter", "field": "subject", "value": "Bonjour"}]
    return services.edit(proposal.pk, edits, user=user, channel="admin", digest=proposal.digest)


def test_a_decision_that_meets_a_lock_is_refused_and_may_be_taken_again(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    with somebody_holds(proposal):
        result = decide(proposal, mike)

    assert (result.outcome, result.message) == ("refused", hooks.BUSY)
    assert not Decision.objects.exists()
    assert decide(proposal, mike).outcome == "approved"


def test_an_edit_that_meets_a_lock_is_refused_and_may_be_made_again(proposal: ProposedAction, mike: User) -> None:
    with somebody_holds(proposal):
        result = edit(proposal, mike)

    assert (result.outcome, result.message) == ("refused", hooks.BUSY)
    assert edit(proposal, mike).outcome == "superseded"


def test_proposing_again_that_meets_a_lock_is_refused_and_may_be_asked_again(proposal: ProposedAction) -> None:
    services.close(proposal.pk, "paid")

    with somebody_holds(proposal), pytest.raises(services.DecisionRefusedError, match="try again"):
        services.propose_again(proposal.pk, "person:mike")

    assert services.propose_again(proposal.pk, "person:mike").status == "pending"
