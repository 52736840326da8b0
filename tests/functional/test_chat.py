"""A chat program and `manage.py mcp` over stdin and stdout, as two processes: from a wish to the customer's mailbox."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from approvals.clock import database_now
from approvals.models import Decision, ProposedAction
from tests.chat import ROOT, Chat, chat
from tests.company import YEAR, customer, item
from tests.functional.installation import Database, fresh_database
from tests.smtp import RecordingServer, recording_server
from tests.world import World, load_contracts
from workflows_app.delivery import artifacts
from workflows_app.delivery.email import deliver_emails
from workflows_app.models import Quote, VerifyResult, WorkflowRun
from workflows_app.models.catalog import model_for
from workflows_app.netsuite.push import drain_pushes
from workflows_app.netsuite.sandbox.filling import fill
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.runner.verify import run_due

pytestmark = pytest.mark.once

CONSOLE = "https://office.example.com"
# What the server's environment holds and no answer may tell.
CANARIES = {name: f"canary-{uuid.uuid4().hex}" for name in ("SECRET_KEY", "MIKE_PASSWORD", "NETSUITE_TOKEN_SECRET")}
NEW = {"company_name": "Elm School", "contact_email": "kitchen@elm.example.org", "billing_address": "1 Main Street"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}
_KNOWN = ("customers", "payment_terms", "pricing_tiers", "sales_reps", "spec_items", "vendors")
_LATER = timedelta(minutes=20)  # every verify window is over, and no check has been given up
_PATIENCE = 300


@dataclass(frozen=True, kw_only=True)
class House:
    """A company in a database of its own, mike, and a chat."""

    world: World
    chat: Chat
    environment: dict[str, str]


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One server for this file, on the database that this process uses meanwhile."""
    folder = tmp_path_factory.mktemp("chat")
    with django_db_blocker.unblock(), fresh_database(folder) as database, _used_here(database):
        world = _furnish()
        environment = {**os.environ, **CANARIES, "DATABASE_URL": database.url, "CONSOLE_URL": CONSOLE}
        with chat(environment, folder) as talk:
            yield House(world=world, chat=talk, environment=environment)


@contextmanager
def _used_here(database: Database) -> Iterator[None]:
    """Let this process use a new database, with all tables: on SQLite copied from the one that pytest-django made."""
    original, settings = connections["default"], connections.settings["default"]
    name = urlsplit(database.url).path.removeprefix("/")
    connections.settings["default"] = {**settings, "NAME": name}
    connections["default"] = connections.create_connection("default")
    try:
        if original.vendor == "sqlite":
            original.ensure_connection()
            connections["default"].ensure_connection()
            original.connection.backup(connections["default"].connection)
        else:
            call_command("migrate", verbosity=0)
        yield
    finally:
        connections["default"].close()
        connections.settings["default"], connections["default"] = settings, original


def _furnish() -> World:
    load_contracts()
    item("MILK", "20.00", description="Whole milk")
    item("APPLE", "30.00", description="Red apples")
    customer("Oak School", email="kitchen@oak.example.org")
    mike = User.objects.create_user("mike", is_staff=True)
    mike.groups.add(Group.objects.get(name="Approvers"))
    return World(mike=mike)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[RecordingServer]:
    """A mail server, to which the settings lead."""
    with recording_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def netsuite(house: House, settings: Settings, tmp_path: Path) -> Iterator[Sandbox]:
    """A NetSuite that knows the company, to which the settings lead."""
    with Sandbox(tmp_path / "sandbox") as running:
        fill(
            running.account.store, {name: model_for(name)._default_manager.values() for name in _KNOWN}, database_now()
        )
        settings.NETSUITE = {**settings.NETSUITE, **running.django_settings, "TIMEOUT": 10.0}
        yield running


def test_a_quote_from_the_chat_to_the_mailbox(house: House, mailbox: RecordingServer, netsuite: Sandbox) -> None:
    [oak] = house.chat.call("find_customers", text="oak")["customers"]
    codes = [house.chat.call("find_items", text=text)["items"][0]["item_code"] for text in ("milk", "apple")]
    wish = {
        "customer": oak["customer_id"],
        "school_year": YEAR,
        "items": [{"item_code": codes[0], "case_price": 17.75}, {"item_code": codes[1]}],
        "key": "oak",
    }

    draft = house.chat.call("propose_quote_draft", **wish)
    assert draft == house.chat.call("propose_quote_draft", **wish)
    assert (Quote.objects.count(), Decision.objects.count()) == (0, 0)
    _approve(house, draft["proposal"]["proposal_id"])
    [gate] = house.chat.call("list_proposals")["proposals"]
    assert gate["link"].startswith(CONSOLE)
    assert "17.75" in json.dumps(house.chat.call("show_proposal", proposal_id=gate["proposal_id"]))
    _approve(house, gate["proposal_id"])

    run = WorkflowRun.objects.get(workflow_type="customer_quote")
    assert mailbox.letters == []
    _approve(house, house.world.leaf(run, "send_email").pk)
    run_due(database_now() + _LATER)
    quote = Quote.objects.get()
    [letter] = mailbox.to(oak["email"])
    [pdf] = [part.get_content() for part in letter.iter_attachments()]
    assert pdf == artifacts.read(f"quotes/{quote.pk}.pdf")
    assert pdf.startswith(b"%PDF-")
    [estimate] = netsuite.records("estimate")
    lines = estimate["item"]["items"]
    assert estimate["externalId"] == quote.pk
    assert sorted(float(line["rate"]) for line in lines) == [17.75, 30.0]
    assert set(VerifyResult.objects.values_list("status", flat=True)) == {"pass"}
    told = house.chat.call("show_run", run_id=run.pk)
    assert (told["run"]["status"], {each["status"] for each in told["verify"]}) == ("completed", {"pass"})


def _approve(house: House, proposal_id: str) -> None:
    """Mike in the console; then workers do and deliver what follows."""
    console = Client()
    console.force_login(house.world.mike)
    proposal = ProposedAction.objects.get(pk=proposal_id)
    data = {"verdict": "approve", "digest": proposal.digest, "reason": ""}
    console.post(reverse("admin:proposal_decide", args=[proposal.pk]), data)
    house.world.work()
    deliver_emails()
    drain_pushes()
    proposal.refresh_from_db()
    assert proposal.status == "approved"


def test_every_tool_answers_over_the_wire_and_none_tells_a_secret(house: House) -> None:
    run = house.chat.call("start_run", workflow_type="new_customer", inputs=NEW, key="elm")
    asked: dict[str, dict[str, Any]] = {
        "list_workflows": {},
        "explain_workflow": {"workflow_type": "new_customer"},
        "dry_run_workflow": {"workflow_type": "ar_aging_action_plan", "inputs": {}},
        "find_customers": {"text": "oak"},
        "find_items": {"text": "milk"},
        "list_proposals": {"status": "any"},
        "show_proposal": {"proposal_id": run["card"]["proposal"]["proposal_id"]},
        "list_runs": {},
        "show_run": {"run_id": run["run"]["run_id"]},
        "search_memory": {"words": "quote"},
        "propose_quote_draft": {
            "customer": "Oak School", "school_year": YEAR, "items": [{"item_code": "MILK"}], "key": "again",
        },
        "start_run": {"workflow_type": "new_customer", "inputs": NEW, "key": "elm"},
    }  # fmt: skip
    wrong = [
        house.chat.refused("show_run", run_id="../../.env"),
        house.chat.refused("start_run", workflow_type="quote_draft", inputs={}, key="x"),
        house.chat.refused("dry_run_workflow", workflow_type="new_customer", inputs={"company_name": 1}),
        house.chat.refused("approve", proposal_id=run["run"]["run_id"]),
    ]

    told = {tool: house.chat.call(tool, **arguments) for tool, arguments in asked.items()}

    assert house.chat.tools() == set(asked)
    everything = json.dumps([told, wrong]) + house.chat.log.read_text(encoding="utf-8")
    assert [name for name, canary in CANARIES.items() if canary in everything] == []
    assert "Traceback" not in everything
    assert ProposedAction.objects.get(pk=run["card"]["proposal"]["proposal_id"]).status == "pending"


@pytest.mark.django_db  # for pytest-django, which makes a database when some test wants one
def test_the_server_ends_by_itself_when_its_client_goes_and_when_it_is_told(house: House) -> None:
    gone, told = _server(house), _server(house)
    for server in (gone, told):
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(HELLO).encode() + b"\n")
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["result"]["serverInfo"]["name"] == "countersign"

    told.send_signal(signal.SIGTERM)
    endings = [server.communicate(timeout=_PATIENCE) for server in (gone, told)]

    assert (gone.returncode, told.returncode) == (0, 0)
    assert [out for out, _log in endings] == [b"", b""]
    assert not any(b"Traceback" in log for _out, log in endings)


def _server(house: House) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "mcp"],
        cwd=ROOT,
        env={**house.environment, "LOG_LEVEL": "WARNING"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
