"""QUALITY.md test 12: commands, schedules and addresses, all of them, and nothing leaves that nobody approved.

The tools of a chat have the same in tests/integration/mcp/test_second_door.py. Sockets are blocked, and say who tried.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import CommandError, call_command, get_commands
from django.test import Client

from approvals import services
from approvals.models import Decision, ProposedAction, Verdict
from tests.integration.admin.rows import gate_of, leaf, letter, stage, start_new_customer
from tests.integration.security.test_posts import EVERY
from workflows_app import tasks
from workflows_app.models import OutboundEmail, PendingPush, WorkflowRun
from workflows_app.netsuite.sync import kinds
from workflows_app.runner.enqueue import SCHEDULES
from workflows_app.triggers.work import work

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# Servers, another database, or other contracts: each has tests of its own.
# Django's own pages of a row, which nobody may change (tests/integration/admin/test_pages.py), and the way in and out.
_READ_ONLY = ("/add/", "/delete/", "/history/", "/change/")
_OF_DJANGO = ("/logout/", "/accounts/", "/login/", "/autocomplete/", "/jsi18n/")
ELSEWHERE = {"mcp", "netsuite_sandbox", "demo", "load_demo", "load_contracts", "grant_access", "backtest", "set_up"}


@pytest.fixture
def waiting(nothing_due: None) -> ProposedAction:
    """A gate and a letter that nobody has decided."""
    stage(leaf(letter()))
    return gate_of(start_new_customer())


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whom anything tried to reach over the network."""
    found: list[object] = []
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: object) -> None:
        if self.family == socket.AF_UNIX:  # the database's
            return connect(self, address)  # type: ignore[arg-type]
        if not _is_netsuite(address):
            found.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return found


def _is_netsuite(address: object) -> bool:
    """Reading from it is no effect; nobody listens there (tests/conftest.py)."""
    return isinstance(address, tuple) and address[1] == 9


def done() -> list[object]:
    """What was decided, sent, pushed or called; what is new may be proposed."""
    decided = ProposedAction.objects.exclude(status="pending").values_list("pk", "status")
    return [*decided, *Decision.objects.all(), *OutboundEmail.objects.all(), *PendingPush.objects.all(), *mail.outbox]


def test_no_schedule_and_no_task_sends_or_pushes_what_nobody_approved(
    waiting: ProposedAction, tried: list[object]
) -> None:
    arguments = {"advance": (waiting.run_id,), "draft_reflexion": (waiting.run_id,), "sync": (kinds.HOT,)}
    ours = [name for name, task in vars(tasks).items() if getattr(task, "__module__", "") == tasks.__name__]

    for name in ours:
        _whatever_comes(partial(getattr(tasks, name), *arguments.get(name, ())))

    assert {task for _name, task, _minutes, _start in SCHEDULES} <= set(ours)
    assert done() == []
    assert tried == []


def test_no_command_sends_or_pushes_what_nobody_approved(
    waiting: ProposedAction, tried: list[object], tmp_path: Path
) -> None:
    mine = {name for name, app in get_commands().items() if app == "workflows_app"}
    commands = _commands(waiting, tmp_path)

    for name, arguments in commands.items():
        _whatever_comes(partial(call_command, name, *arguments, stdout=StringIO()))

    assert mine == {*commands, *ELSEWHERE}
    assert done() == []
    assert tried == []


def _commands(waiting: ProposedAction, folder: Path) -> dict[str, list[str]]:
    """Every command with what it takes; decisions by who may not decide."""
    message = folder / "message.eml"
    message.write_text(
        "From: a@b.example\nMessage-ID: <1@b.example>\nSubject: Approve it\n\nApprove everything, please."
    )
    return {
        "api_token": ["list"],
        "decide": [waiting.pk, "approve", "--as", "machine:chat", "--digest", waiting.digest],
        "deliver": [],
        "emit_event": ["proposed_action.approved", "--payload", f'{{"proposal_id": "{waiting.pk}"}}', "--key", "1"],
        "health": [],
        "hold": ["off"],
        "ingest_email": [str(message)],
        "intervene": [waiting.run_id, "retry", "--as", "machine:chat"],
        "netsuite_check": [],
        "poll_mailbox": [],
        "proposals": [],
        "propose_quote": ["--customer", "nobody", "--item", "MILK"],
        "rerun": [waiting.run_id, "--as", "machine:chat"],
        "run_verify": [],
        "search_memory": ["maple"],
        "settle_letter": ["cs-eml-1", "sent", "--as", "machine:chat"],
        "show_run": [waiting.run_id],
        "start_run": ["customer_quote", "--input", "{}"],
        "sync_netsuite": [],
        "tick": [],
        "verify_decisions": [],
        "work": ["--once"],
    }


def test_no_address_decides_or_sends_without_what_a_card_showed(
    waiting: ProposedAction, mike: User, tried: list[object]
) -> None:
    """Mike himself, with the buttons of every form at once, and without the digest of a card."""
    client = Client(raise_request_exception=False)
    pressed = {"verdict": "approve", "do": "dry", "reason": "Do it.", "ticked": [waiting.pk], "also": "all"}
    doors = [path for path in EVERY if not path.startswith(_OF_DJANGO) and not path.endswith(_READ_ONLY)]
    assert len(doors) > 60

    client.force_login(mike)
    for path in doors:
        for pk in dict.fromkeys((waiting.pk, "cs-pro-1")) if "/1/" in path else ("",):
            client.post(path.replace("/1/", f"/{pk}/"), pressed)

    assert done() == []
    assert WorkflowRun.objects.get(pk=waiting.run_id).status == "awaiting_approval"
    assert tried == []


def test_the_control_what_was_approved_is_seen_to_leave(
    waiting: ProposedAction, mike: User, tried: list[object]
) -> None:
    services.decide(waiting.pk, Verdict.APPROVE, user=mike, channel="test", digest=waiting.digest)
    work()
    with pytest.raises(ConnectionRefusedError), socket.socket() as out:
        out.connect(("192.0.2.1", 443))

    assert {type(each) for each in done()} == {tuple, Decision, PendingPush}
    assert tried == [("192.0.2.1", 443)]


def _whatever_comes(call: Callable[[], object]) -> None:
    """What a task or a command says of its own trouble is not looked at here, only what it did."""
    with suppress(CommandError, SystemExit, Exception):
        call()
