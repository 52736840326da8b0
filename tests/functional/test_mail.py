"""Mail in, mail out: a complaint in a real mailbox, two decisions in the console, one letter in its thread."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from approvals.clock import database_now
from approvals.models import ProposedAction
from tests.company import customer, invoice
from tests.imap import MailServer, mail_server
from tests.smtp import RecordingServer, recording_server
from tests.world import ROOT, World, load_contracts
from workflows_app import tasks
from workflows_app.models import Customer, CustomerProfile, Transaction, VerifyResult, WorkflowRun

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ON_FILE = "office@oak.example.org"  # where letters to the customer go
WRITER = "dana@oak.example.org"  # known as the customer's, but not where letters go
ELSEWHERE = "thief@example.net"
MESSAGE, BEFORE = "<demo.dispute.1@customer.example>", "<demo.invoice.1@example.com>"
_LATER = timedelta(minutes=20)  # every verify window is over, and no check has been given up


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[MailServer]:
    """The mailbox that customers write to, to which the settings lead."""
    with mail_server() as server:
        settings.INBOUND_IMAP_URL = server.url()
        yield server


@pytest.fixture
def post(settings: Settings) -> Iterator[RecordingServer]:
    """The mail server by which letters leave, to which the settings lead."""
    with recording_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture
def world() -> World:
    """The contract of disputes, and mike who may log in."""
    load_contracts("fixtures/contracts/customer_invoice_dispute.v2.yaml")
    mike = User.objects.create_user("mike", is_staff=True)
    mike.groups.add(Group.objects.get(name="Approvers"))
    return World(mike=mike)


@pytest.fixture
def oak() -> Customer:
    """A customer with an address for letters, and another from which its bookkeeper writes."""
    row = customer("Oak School", email=ON_FILE)
    CustomerProfile.objects.filter(customer_id=row.pk).update(ar_contact_email=WRITER)
    return row


def test_a_complaint_in_the_mailbox_is_answered_once_in_its_thread_at_the_address_on_file(
    world: World, oak: Customer, mailbox: MailServer, post: RecordingServer
) -> None:
    disputed, other = invoice(oak, "1234.50", overdue=5), invoice(oak, "77.10", overdue=2)
    foreign = invoice(customer("Elm School"), "9876.50", overdue=5)
    mailbox.drop(complaint(disputed))

    tasks.poll_mailbox()
    world.work()
    run = WorkflowRun.objects.get()
    gate = world.gate(run)
    card = _card(world, gate)
    assert (run.workflow_type, gate.title, gate.amount) == (
        "customer_invoice_dispute", "Dispute by Oak School", disputed.foreignamountunpaid,
    )  # fmt: skip
    assert f"Invoice: {disputed.tranid}" in card
    assert "1,234.50" in card
    assert f"Invoice: {other.tranid}" not in card
    assert foreign.tranid not in card

    _approve(world, gate)
    assert post.letters == []
    _approve(world, world.leaf(run, "draft_response"))
    call_command("deliver")
    call_command("deliver")

    [letter], [recipients] = post.letters, post.recipients
    body = letter.get_body(("plain",))
    assert body is not None
    assert (letter["To"], recipients) == (ON_FILE, [ON_FILE])
    assert WRITER not in letter.as_string()
    assert ELSEWHERE not in letter.as_string()
    assert (letter["In-Reply-To"], letter["References"]) == (MESSAGE, f"{BEFORE} {MESSAGE}")
    assert f"Invoice: {disputed.tranid}" in body.get_content()

    call_command("run_verify", "--now", (database_now() + _LATER).isoformat())
    found = dict(VerifyResult.objects.filter(run=run).values_list("name", "status"))
    assert found == {"response_drafted": "pass", "response_sent": "pass"}


def complaint(disputed: Transaction) -> bytes:
    """The demo's message, about this invoice; it asks for an answer elsewhere."""
    raw = (ROOT / "fixtures/demo/dispute.eml").read_bytes()
    raw = raw.replace(b"INV0000", disputed.tranid.encode()).replace(b"buyer@customer.example", WRITER.encode())
    return raw.replace(b"To: ", f"Reply-To: {ELSEWHERE}\nTo: ".encode(), 1).replace(b"\n", b"\r\n")


def _console(world: World) -> Client:
    console = Client()
    console.force_login(world.mike)
    return console


def _card(world: World, proposal: ProposedAction) -> str:
    """What the card shows, as a browser gets it."""
    shown = _console(world).get(reverse("admin:approvals_proposedaction_change", args=[proposal.pk]))
    assert shown.status_code == 200
    return shown.content.decode()


def _approve(world: World, proposal: ProposedAction) -> None:
    """Mike in the console; then workers do what follows."""
    data = {"verdict": "approve", "digest": proposal.digest, "reason": ""}
    _console(world).post(reverse("admin:proposal_decide", args=[proposal.pk]), data)
    world.work()
    proposal.refresh_from_db()
    assert proposal.status == "approved"
