"""A real mailbox is read once, in order, without a trace, whatever its server does."""

import imaplib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError
from pytest_django import Settings

from approvals.clock import database_now
from tests.company import customer, invoice
from tests.imap import MailServer, mail_server
from tests.letters_in import DISPUTE, letter
from tests.world import World
from workflows_app import tasks
from workflows_app.inbox import mailbox
from workflows_app.inbox.intake import Taken, take_in
from workflows_app.inbox.mailbox import Reading
from workflows_app.models import Alert, Heartbeat, InboundEmail, MailboxPosition, WorkflowRun

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture(scope="module")
def running() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def server(running: MailServer, settings: Settings) -> MailServer:
    """The server with an empty folder, to which the settings lead."""
    running.renumber()
    settings.INBOUND_IMAP_URL = running.url()
    return running


def read() -> Reading:
    """One reading."""
    reading = mailbox.poll(by_hand=True)
    assert reading is not None
    assert not reading.error
    return reading


def subjects() -> list[str]:
    return list(InboundEmail.objects.order_by("uid").values_list("subject", flat=True))


def letters(*numbers: int) -> list[bytes]:
    return [letter(subject=str(number), message_id=f"<{number}@x.example>") for number in numbers]


def test_a_dispute_in_the_mailbox_becomes_a_card_that_cites_the_invoice(world: World, server: MailServer) -> None:
    """Nobody lifts a hand: the schedule's task reads, a worker works."""
    oak = customer("Oak School")
    disputed = invoice(oak, "1234.50", overdue=5)
    server.drop(letter(DISPUTE, sender=str(oak.email), subject=f"Invoice {disputed.tranid}"))

    tasks.poll_mailbox()
    world.work()

    run = WorkflowRun.objects.get()
    gate = world.gate(run)
    assert (run.workflow_type, run.status) == ("customer_invoice_dispute", "awaiting_approval")
    assert (gate.status, gate.title, gate.amount) == ("pending", "Dispute by Oak School", disputed.foreignamountunpaid)
    assert disputed.tranid in gate.effects
    assert Heartbeat.objects.filter(name="poll_mailbox").exists()


def test_messages_are_read_oldest_first_once_and_left_as_they_are(server: MailServer) -> None:
    server.drop(*letters(1, 2, 3))

    first, again = read(), read()

    assert ([each.new for each in first.taken], again.taken) == ([True] * 3, ())
    assert subjects() == ["1", "2", "3"]
    assert all(b"FLAGS ()" in state for state in server.state())
    assert len(server.state()) == 3


def test_what_comes_later_is_read_later(server: MailServer) -> None:
    server.drop(*letters(1))
    read()
    server.drop(*letters(2))

    assert [each.new for each in read().taken] == [True]
    assert subjects() == ["1", "2"]


def test_messages_numbered_anew_are_not_taken_in_again(server: MailServer) -> None:
    server.drop(*letters(1, 2))
    read()
    server.renumber()
    server.drop(*letters(1, 2, 3))

    assert [each.new for each in read().taken] == [False, False, True]
    assert InboundEmail.objects.count() == 3


def test_a_deleted_message_stops_nothing(server: MailServer) -> None:
    server.drop(*letters(1, 2, 3))
    server.remove(2)

    read()

    assert subjects() == ["1", "3"]


def test_a_reading_takes_so_many_and_the_next_goes_on(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "_MOST_MESSAGES", 2)
    server.drop(*letters(1, 2, 3))

    first, second = read(), read()

    assert (first.more, len(first.taken)) == (True, 2)
    assert (second.more, len(second.taken)) == (False, 1)


def poisoned(error: Exception) -> Callable[..., Taken]:
    """`take_in` that meets something unforeseen in the second message."""

    def taking(raw: bytes, **where: Any) -> Taken:
        if b"<2@x.example>" in raw:
            raise error
        return take_in(raw, **where)

    return taking


@pytest.mark.parametrize("error", [KeyError("x"), DataError("too long"), RecursionError()])
def test_a_message_that_nobody_foresaw_is_told_and_stops_no_other(
    server: MailServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(mailbox, "take_in", poisoned(error))
    server.drop(*letters(1, 2, 3))

    first, again = read(), read()

    kept = InboundEmail.objects.get(subject="")
    assert ([each.new for each in first.taken], again.taken) == ([True, True], ())
    assert subjects() == ["1", "", "3"]
    assert (kept.triage, kept.sender, kept.customer_id) == ("waiting", "", None)
    assert type(error).__name__ in kept.extracted
    assert Alert.objects.open().get().message.startswith(f"Message {kept.uid} of ")


def test_a_message_that_the_server_never_hands_out_stops_no_other_for_ever(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some answer NO to FETCH of a damaged one. That may pass, so they are asked again; then it is left to a person."""
    server.drop(*letters(1, 2, 3))
    asked = imaplib.IMAP4.uid

    def refusing(box: imaplib.IMAP4, command: str, *arguments: str) -> Any:
        answer = asked(box, command, *arguments)
        return ("NO", [b"it cannot be converted"]) if b"<2@x.example>" in str(answer).encode() else answer

    monkeypatch.setattr(imaplib.IMAP4, "uid", refusing)

    errors = [reading.error for _ in range(3) if (reading := mailbox.poll(by_hand=True))]

    kept = InboundEmail.objects.get(subject="")
    assert [bool(error) for error in errors] == [True, True, False]
    assert subjects() == ["1", "", "3"]
    assert (kept.triage, kept.customer_id) == ("waiting", None)
    assert Alert.objects.open().get().message.startswith(f"Message {kept.uid} of ")


def test_nothing_is_left_out_while_the_database_is_busy(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.drop(*letters(1, 2, 3))
    monkeypatch.setattr(mailbox, "take_in", poisoned(OperationalError("database is locked")))
    with pytest.raises(OperationalError):
        mailbox.poll(by_hand=True)
    monkeypatch.setattr(mailbox, "take_in", take_in)

    read()

    assert subjects() == ["1", "2", "3"]
    assert not Alert.objects.exists()


def test_a_message_of_which_nothing_can_be_stored_is_told_all_the_same(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "take_in", poisoned(KeyError("x")))
    monkeypatch.setattr(mailbox, "keep_unread", poisoned(DataError("x")))
    server.drop(*letters(1, 2, 3))

    read()

    assert subjects() == ["1", "3"]
    assert Alert.objects.open().count() == 1


def test_only_one_reads_at_a_time(server: MailServer) -> None:
    read()
    until = database_now() + timedelta(minutes=1)
    MailboxPosition.objects.update(lease_owner="somebody", lease_until=until)

    assert mailbox.poll() is None
    assert mailbox.poll(by_hand=True) is None


def test_a_reader_who_died_is_replaced(server: MailServer) -> None:
    read()
    server.drop(*letters(1))
    MailboxPosition.objects.update(lease_owner="dead", lease_until=database_now() - timedelta(seconds=1))

    assert len(read().taken) == 1


def test_a_wrong_password_is_told_after_three_times_and_never_shown(server: MailServer, settings: Settings) -> None:
    settings.INBOUND_IMAP_URL = server.url(password="hunter2")

    errors = [reading.error for _ in range(3) if (reading := mailbox.poll(by_hand=True))]

    alert = Alert.objects.get()
    assert len(errors) == 3
    assert (alert.kind, alert.count) == ("mailbox_failed", 1)
    assert "hunter2" not in alert.message + "".join(errors)
    assert mailbox.poll() is None  # it is left alone for a while


def test_the_alert_ends_when_the_mailbox_is_read_again(server: MailServer, settings: Settings) -> None:
    settings.INBOUND_IMAP_URL = server.url(password="hunter2")
    for _ in range(3):
        mailbox.poll(by_hand=True)
    settings.INBOUND_IMAP_URL = server.url()

    read()

    assert not Alert.objects.open().exists()


def test_a_folder_that_is_not_there_is_an_error(server: MailServer, settings: Settings) -> None:
    settings.INBOUND_IMAP_URL = server.url(folder="Nowhere")

    reading = mailbox.poll()

    assert reading is not None
    assert "MailboxFolderSelectError" in reading.error


@pytest.mark.parametrize("url", ["nonsense", "imaps://host/INBOX", "ftp://a:b@host/", "imaps://a:b@host:port/"])
def test_an_address_that_is_none_is_an_alert(settings: Settings, url: str) -> None:
    settings.INBOUND_IMAP_URL = url

    reading = mailbox.poll()

    assert reading is not None
    assert "INBOUND_IMAP_URL" in reading.error
    assert Alert.objects.open().count() == 1


def test_without_a_mailbox_nothing_is_read(settings: Settings) -> None:
    settings.INBOUND_IMAP_URL = ""

    assert mailbox.poll() is None
