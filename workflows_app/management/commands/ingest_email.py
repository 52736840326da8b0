"""`ingest_email FILE|- [--json]`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from workflows_app.inbox.intake import Taken, event_key, take_in
from workflows_app.inbox.parse import UnreadableMailError
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import Event, WorkflowRun
from workflows_app.triggers import events

_WORDS = {"routed": "goes on by itself", "waiting": "waits for a person", "set_aside": "nothing follows from it"}


class Command(BaseCommand):
    """Take in one message as if it had come to the mailbox, and start what listens to it."""

    help = "Take in a message (an .eml file, or - for standard input), sort it, and start the workflows that listen."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="an .eml file; - reads standard input")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Store, tell and dispatch; a message that is known changes nothing."""
        try:
            taken = take_in(self._read(options["file"]))
        except UnreadableMailError as error:
            self.refuse(str(error))
        events.dispatch()
        runs = _runs(taken)
        if options["json"]:
            self.print_json({**asdict(taken), "runs": runs})
        else:
            state = f"{'Taken in' if taken.new else 'Known already'}: {taken.classification} ({taken.confidence})"
            self.stdout.write(f"{state}, {_WORDS[taken.triage]}. Message {taken.email_uuid}; {_told(runs)}")

    def _read(self, name: str) -> bytes:
        try:
            return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            self.bad_use(f"Cannot read {name}: {error.strerror}.")


def _runs(taken: Taken) -> list[str]:
    """The runs that the message's event has started."""
    event = Event.objects.filter(idempotency_key=event_key(taken.email_uuid)).first()
    if event is None:
        return []
    return list(WorkflowRun.objects.filter(trigger_key__endswith=f":{event.pk}").values_list("pk", flat=True))


def _told(runs: list[str]) -> str:
    return f"runs: {', '.join(runs) or 'none'}."
