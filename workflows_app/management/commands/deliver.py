"""`deliver`: send the letters, push the records and tell the subscribers that wait."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from approvals.clock import database_now
from workflows_app.delivery import email, webhooks
from workflows_app.delivery.email import deliver_emails, on_hold
from workflows_app.delivery.webhooks import deliver_webhooks
from workflows_app.management.base import Command as Base
from workflows_app.models import OutboundEmail, PendingPush
from workflows_app.netsuite import push
from workflows_app.netsuite.push import drain_pushes
from workflows_app.netsuite.push_queue import NOT_APPLIED, WAITING
from workflows_app.triggers.silence import ended_well

_ALL = 100_000
_A_DAY = 86_400.0


class Command(Base):
    """Letters leave at most once; records arrive in NetSuite exactly once; webhooks at least once. The rest waits."""

    help = "Drain the outboxes: letters, records for NetSuite, and webhooks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="the counts as one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try everything that waits once, then say what is left."""
        letters, records = deliver_emails(limit=_ALL, seconds=_A_DAY), drain_pushes(seconds=_A_DAY)
        told = deliver_webhooks(limit=_ALL, seconds=_A_DAY)
        ended_well("deliver", database_now())
        waiting_letters = OutboundEmail.objects.filter(status="queued").count()
        waiting_records = PendingPush.objects.filter(NOT_APPLIED, status__in=WAITING).count()
        held = on_hold()
        if options["json"]:
            emails = {**asdict(letters), "waiting": waiting_letters}
            pushes = {**asdict(records), "waiting": waiting_records}
            self.print_json({"emails": emails, "pushes": pushes, "webhooks": asdict(told), "on_hold": held})
            return
        lines = [*_letters(letters, waiting_letters), *_records(records, waiting_records), *_webhooks(told)]
        if held:
            lines.insert(0, "Everything is on hold: nothing was sent.")
        self.stdout.writelines(f"{line}\n" for line in lines)


def _letters(counts: email.Counts, waiting: int) -> Iterator[str]:
    yield f"Letters: {counts.sent} sent, {counts.failed} failed, {counts.uncertain} uncertain, {waiting} waiting."


def _records(counts: push.Counts, waiting: int) -> Iterator[str]:
    tried = f"{counts.applied} applied, {counts.retrying} retrying, {counts.outcome_unknown} unknown"
    yield f"NetSuite: {tried}, {counts.conflict} in conflict, {counts.dead} dead, {waiting} waiting."


def _webhooks(counts: webhooks.Counts) -> Iterator[str]:
    yield f"Webhooks: {counts.delivered} delivered, {counts.waiting} to be tried again, {counts.dead} given up."
