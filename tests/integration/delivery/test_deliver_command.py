"""The command `deliver`: drains the letters, counts the pushes, exit 0."""

import json
from collections.abc import Callable
from io import StringIO

from django.core.management import call_command

from approvals.clock import database_now
from tests.smtp import RecordingServer
from workflows_app.models import Hold, OutboundEmail, PendingPush

Letter = Callable[..., OutboundEmail]


def deliver(*arguments: str) -> str:
    out = StringIO()
    call_command("deliver", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_what_was_sent_and_what_waits(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")
    letter("bob")
    server.faults["bob@example.com"] = "451 later"
    PendingPush.objects.create(
        id="cs-psh-1", external_id="cs-cus-1", record_type="customer", payload="{}", run_id="r", step="write_ns",
        proposal=row.proposed_action, digest="0" * 64, created_at=database_now(),
    )  # fmt: skip

    text = deliver()

    assert "1 sent, 0 failed, 0 uncertain, 1 waiting" in text
    assert "0 applied, 0 retrying, 0 unknown, 0 in conflict, 1 dead, 0 waiting" in text
    assert "not sent: its proposal is not the one" in PendingPush.objects.get().last_error


def test_json_is_alone_on_stdout(server: RecordingServer, letter: Letter) -> None:
    letter("ada")

    assert json.loads(deliver("--json")) == {
        "emails": {"sent": 1, "queued": 0, "failed": 0, "uncertain": 0, "waiting": 0},
        "pushes": {
            "applied": 0,
            "pending": 0,
            "retrying": 0,
            "outcome_unknown": 0,
            "conflict": 0,
            "dead": 0,
            "waiting": 0,
        },
        "webhooks": {"delivered": 0, "waiting": 0, "dead": 0},
        "on_hold": False,
    }


def test_it_says_that_everything_is_on_hold(server: RecordingServer, letter: Letter) -> None:
    letter("ada")
    Hold.objects.create(on=True)

    assert "on hold" in deliver()
    assert server.letters == []
