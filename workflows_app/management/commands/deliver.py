"""`deliver`: send the letters that wait."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from workflows_app.delivery.email import Counts, deliver_emails, on_hold
from workflows_app.management.base import Command as Base
from workflows_app.models import OutboundEmail, PendingPush

_ALL = 100_000


class Command(Base):
    """Letters leave at most once. Pushes to NetSuite only wait: their delivery comes later."""

    help = "Drain the outboxes."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--json", action="store_true", help="the counts as one object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Try every letter that waits once, then say what is left."""
        counts = deliver_emails(limit=_ALL)
        letters = OutboundEmail.objects.filter(status="queued").count()
        pushes = PendingPush.objects.filter(status__in=["pending", "retrying", "outcome_unknown"]).count()
        held = on_hold()
        if options["json"]:
            emails = {**asdict(counts), "waiting": letters}
            self.print_json({"emails": emails, "pushes": {"waiting": pushes}, "on_hold": held})
        else:
            self.stdout.writelines(f"{line}\n" for line in _lines(counts, letters, pushes, held))


def _lines(counts: Counts, letters: int, pushes: int, held: bool) -> Iterator[str]:
    if held:
        yield "Everything is on hold: no letter was sent."
    yield f"Letters: {counts.sent} sent, {counts.failed} failed, {counts.uncertain} uncertain, {letters} waiting."
    yield f"NetSuite pushes: {pushes} waiting; their delivery comes with the NetSuite connection."
