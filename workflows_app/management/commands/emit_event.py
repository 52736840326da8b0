"""`emit_event TYPE [--payload JSON|@FILE] --key K [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

from approvals.canonical import NotCanonicalError
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import WorkflowRun
from workflows_app.triggers import events

_LONGEST_TYPE = 120
_LONGEST_KEY = 200


class Command(BaseCommand):
    """Record an event once per key and start the runs that listen to it."""

    help = "Record an event in the ledger (once per key) and start the workflows that listen to it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("event_type")
        parser.add_argument("--payload", default="{}", help="a JSON object, or @FILE")
        parser.add_argument("--key", required=True, help="the idempotency key; a known key changes nothing")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Record and dispatch."""
        payload = self.json_argument(options["payload"], "--payload")
        if not isinstance(payload, dict):
            self.bad_use("--payload: give a JSON object.")
        if not options["event_type"].strip() or len(options["event_type"]) > _LONGEST_TYPE:
            self.bad_use(f"Give an event type of 1 to {_LONGEST_TYPE} characters, such as vendor.item_discontinued.")
        if not options["key"].strip() or len(options["key"]) > _LONGEST_KEY:
            self.bad_use(f"--key: give a key of 1 to {_LONGEST_KEY} characters.")
        try:
            event_id = events.emit(options["event_type"], options["key"], payload)
        except NotCanonicalError as error:
            self.bad_use(f"--payload: {error}.")
        except events.ReservedEventError as error:
            self.bad_use(f"Not recorded: {error}.")
        events.dispatch()
        runs = list(WorkflowRun.objects.filter(trigger_key__endswith=f":{event_id}").values_list("pk", flat=True))
        if options["json"]:
            self.print_json({"event_id": event_id, "runs": runs})
        else:
            self.stdout.write(f"Event {event_id}; runs: {', '.join(runs) or 'none'}.")
