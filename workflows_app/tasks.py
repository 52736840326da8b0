"""What django-q2 may call. Each may come twice, late or never; each carries a run id (or a kind of sync) at most."""

from datetime import timedelta
from typing import Final

from approvals.clock import database_now
from workflows_app.delivery.email import deliver_emails
from workflows_app.delivery.webhooks import deliver_webhooks
from workflows_app.inbox import mailbox
from workflows_app.netsuite.push import drain_pushes
from workflows_app.netsuite.sync import kinds
from workflows_app.runner import advance as runner
from workflows_app.runner import approve_too, claim, leaf, reflexion, verify
from workflows_app.runner.enqueue import ring
from workflows_app.triggers import events, sweep
from workflows_app.triggers import sync as netsuite_sync
from workflows_app.triggers.silence import ended_well
from workflows_app.triggers.watch import watched_tick

# Between two doorbells for a run that is not to go on yet, so that they never become a loop.
_SHORTEST_REST: Final = timedelta(seconds=1)
# Letters and webhooks have as long each, so that all three end before django-q2 ends the worker (five minutes).
_RECORDS_SECONDS: Final = 60.0


def advance(run_id: str) -> None:
    """Take a run as far as it goes; one that was rung for a little early by this host's clock is rung for again."""
    if runner.advance(run_id):
        return
    rest = claim.early_by(run_id, database_now())
    if rest is not None:
        ring("advance", run_id, delay=max(rest, _SHORTEST_REST))


def take_over() -> None:
    """Ring for the runs whose worker died, when their leases are over."""
    sweep.take_over(database_now())


def draft_reflexion(run_id: str) -> None:
    """Have a language model sum up a run that has ended, beside what was recorded."""
    reflexion.draft(run_id, database_now())


def apply_approved() -> None:
    """Apply what was approved while everything was on hold, and approve what was to be approved with its gate."""
    approve_too.approve_left()
    leaf.apply_approved(database_now())


def dispatch_events() -> None:
    """Match new events with contracts."""
    events.dispatch()


def deliver() -> None:
    """Send the letters, records and webhooks that wait; trouble with some does not keep the others from leaving."""
    try:
        try:
            deliver_emails()
        finally:
            drain_pushes(seconds=_RECORDS_SECONDS)
    finally:
        deliver_webhooks()  # the last: strangers may be slow
    ended_well("deliver", database_now())


def poll_mailbox() -> None:
    """Take in what customers wrote; whether the mailbox cannot be read has an alert of its own."""
    reading = mailbox.poll()
    if reading is not None and reading.more:
        ring("poll_mailbox")
    ended_well("poll_mailbox", database_now())


def run_verify() -> None:
    """Execute the verify checks that are due."""
    verify.run_due(database_now())
    ended_well("run_verify", database_now())


def tick() -> None:
    """One scheduler pass."""
    watched_tick(database_now())


def sync(kind: str) -> None:
    """Go on with a pass of the sync."""
    netsuite_sync.work_on(kind)


def sync_receivables() -> None:
    """Read changed invoices and payments."""
    netsuite_sync.work_on(kinds.HOT)


def sync_changes() -> None:
    """Read everything that changed."""
    netsuite_sync.work_on(kinds.CHANGES)


def sync_nightly() -> None:
    """Read what is open whole, and find what is gone."""
    netsuite_sync.work_on(kinds.NIGHTLY)
