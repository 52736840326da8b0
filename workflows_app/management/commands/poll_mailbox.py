"""`poll_mailbox [--json]`."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from approvals.clock import database_now
from workflows_app.inbox import mailbox
from workflows_app.inbox.mailbox import Reading
from workflows_app.management.base import Command as BaseCommand
from workflows_app.triggers import events
from workflows_app.triggers.silence import ended_well


class Command(BaseCommand):
    """Read the mailbox now, until nothing is left, also right after a failure."""

    help = "Take in what is new in the mailbox of INBOUND_IMAP_URL, and start the workflows that listen."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, dispatch, and say what came."""
        if not mailbox.configured():
            self.refuse("INBOUND_IMAP_URL is empty: there is no mailbox to read.")
        readings = self._readings()
        events.dispatch()
        ended_well("poll_mailbox", database_now())
        taken = [asdict(each) for reading in readings for each in reading.taken]
        if options["json"]:
            self.print_json({"taken": taken})
        else:
            new = sum(each["new"] for each in taken)
            self.stdout.write(f"{new} new messages in {readings[0].mailbox}; {len(taken) - new} were known.")

    def _readings(self) -> list[Reading]:
        """Slices of the reading up to the last."""
        readings: list[Reading] = []
        while not readings or readings[-1].more:
            reading = mailbox.poll(by_hand=True)
            if reading is None:
                self.refuse("Somebody else reads the mailbox now.")
            if reading.error:
                self.refuse(f"The mailbox could not be read: {reading.error}")
            readings.append(reading)
        return readings
