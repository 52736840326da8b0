"""What the mail server gets: text and HTML as previewed, threaded, from whom and back to whom; and its lies."""

from collections.abc import Callable
from email.message import EmailMessage as Message
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.integration.admin.conftest import browser
from tests.scripted_smtp import STAGES, scripted_server
from tests.smtp import RecordingServer
from workflows_app.delivery import artifacts
from workflows_app.delivery.email import Counts, bounced, deliver_emails
from workflows_app.models import Alert, OutboundEmail

Letter = Callable[..., OutboundEmail]
STATEMENT = "Hello Ada,\n\nGrüße & <b>soup</b>:\n\n- Invoice 7: $1,234.50\n- Invoice 8: $5.00\n\n.\nBest regards\nLee\n"
INJECTED = "x\r\nBcc: eve@example.com"


@pytest.fixture
def console(mike: User) -> Client:
    """Mike's browser."""
    User.objects.filter(pk=mike.pk).update(is_staff=True)
    return browser(User.objects.get(pk=mike.pk))


def part(received: Message, kind: str) -> bytes:
    body = received.get_body((kind,))
    assert body is not None
    content = body.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def status(row: OutboundEmail) -> str:
    row.refresh_from_db()
    return row.status


def test_what_the_card_previews_is_what_is_sent(server: RecordingServer, letter: Letter, console: Client) -> None:
    row = letter("ada", body=STATEMENT, letterhead="Larkfield & Sons")
    previews = [
        console.get(reverse("admin:proposal_letter", args=[row.proposed_action_id, row.pk])),
        console.get(reverse("admin:letter_html", args=[row.pk])),
    ]

    assert deliver_emails() == Counts(sent=1)

    (received,) = server.letters
    assert received.get_content_type() == "multipart/alternative"
    assert [preview.content for preview in previews] == [part(received, "html")] * 2
    assert part(received, "plain").decode() == STATEMENT
    assert b"Larkfield &amp; Sons" in part(received, "html")


def test_attachments_stand_beside_text_and_html(server: RecordingServer, letter: Letter) -> None:
    sha256 = artifacts.sha256_of(artifacts.fix(b"%PDF the quote"))
    letter("ada", attachments=[{"name": "Angebot für März.pdf", "key": "quotes/1.pdf", "sha256": sha256}])

    deliver_emails()

    (received,) = server.letters
    assert received.get_content_type() == "multipart/mixed"
    assert [(each.get_filename(), each.get_content()) for each in received.iter_attachments()] == [
        ("Angebot für März.pdf", b"%PDF the quote")
    ]
    assert part(received, "html").startswith(b"<!doctype html>")


def test_an_answer_is_threaded(server: RecordingServer, letter: Letter) -> None:
    long = f"<{'a' * 150}@{'b' * 60}.example>"
    row = letter("ada", in_reply_to=long, references=["<q1@oak.example>", long])

    assert deliver_emails() == Counts(sent=1)

    (received,) = server.letters
    assert received["In-Reply-To"].strip() == long
    assert received["References"].split() == ["<q1@oak.example>", long]
    assert received["Message-ID"] == row.message_id


def test_undelivered_mail_and_answers_have_addresses_of_their_own(
    server: RecordingServer, letter: Letter, settings: Settings
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Lärchenfeld Foods <office@example.com>"
    settings.BOUNCE_EMAIL = "bounces@example.com"
    settings.REPLY_TO_EMAIL = "Accounts <answers@example.com>"
    letter("ada")

    deliver_emails()

    (received,) = server.letters
    assert server.senders == ["bounces@example.com"]
    assert received["From"] == "Lärchenfeld Foods <office@example.com>"
    assert received["Reply-To"] == "Accounts <answers@example.com>"


def test_without_settings_all_of_it_is_the_sender(server: RecordingServer, letter: Letter) -> None:
    letter("ada")

    deliver_emails()

    assert server.senders == ["office@example.com"]
    assert server.letters[0]["Reply-To"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "a@example.com\r\nBcc: eve@example.com"},
        {"subject": INJECTED},
        {"in_reply_to": "<a@b>\r\nBcc: eve@example.com"},
        {"in_reply_to": "<a@b>", "references": ["<a@b>", "<c@d>\n"]},
        {"in_reply_to": "a@b"},
        {"in_reply_to": "<a@b> <c@d>"},
        {"attachments": [{"name": INJECTED, "key": "q", "sha256": "0" * 64}]},
    ],
)
def test_no_field_of_a_letter_breaks_its_headers(
    server: RecordingServer, letter: Letter, changes: dict[str, Any]
) -> None:
    row = letter("ada", **changes)

    assert deliver_emails() == Counts(failed=1)
    assert (server.letters, status(row)) == ([], "failed")


def test_a_message_id_that_breaks_its_header_is_refused(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")
    OutboundEmail.objects.update(message_id="<a@b>\r\nBcc: eve@example.com")

    assert deliver_emails() == Counts(failed=1)
    assert (server.letters, status(row)) == ([], "failed")


@pytest.mark.parametrize("setting", ["DEFAULT_FROM_EMAIL", "REPLY_TO_EMAIL", "BOUNCE_EMAIL"])
@pytest.mark.parametrize(
    "value", ["Office <o@example.com>\r\nBcc: eve@example.com", "nobody", "a@b.example, c@d.example"]
)
def test_a_setting_that_is_no_mailbox_stops_all_letters_and_loses_none(
    server: RecordingServer, letter: Letter, settings: Settings, setting: str, value: str
) -> None:
    rows = [letter("ada"), letter("bob")]
    setattr(settings, setting, value)

    assert deliver_emails() == Counts(queued=1)
    assert [status(row) for row in rows] == ["queued", "queued"]
    assert setting in Alert.objects.get().message
    assert server.letters == []


def test_a_domain_in_any_script_is_written_as_the_network_knows_it(server: RecordingServer, letter: Letter) -> None:
    letter("ada", to="ada@bücher.example")

    assert deliver_emails() == Counts(sent=1)
    assert server.recipients == [["ada@xn--bcher-kva.example"]]


def test_an_address_that_not_every_server_takes_is_refused_in_words(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada", to="jürgen@example.com")

    assert deliver_emails() == Counts(failed=1)
    row.refresh_from_db()
    assert "letters before the @" in row.error
    assert server.letters == []


@pytest.mark.parametrize("column", ["letterhead", "in_reply_to", "refs"])
def test_what_was_not_approved_does_not_leave(server: RecordingServer, letter: Letter, column: str) -> None:
    row = letter("ada", letterhead="Larkfield", in_reply_to="<a@b>", references=["<a@b>"])
    OutboundEmail.objects.update(**{column: "<x@y>"})

    assert deliver_emails() == Counts(failed=1)
    assert (server.letters, status(row)) == ([], "failed")


def test_a_letter_that_came_back_says_so_once(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")
    assert not bounced(row.message_id, "550 no such mailbox")
    deliver_emails()

    assert bounced(row.message_id, "550 no\r\nsuch mailbox")
    assert not bounced(row.message_id, "550 no such mailbox")
    assert not bounced("<nobody@countersign>")

    row.refresh_from_db()
    alert = Alert.objects.open().get()
    assert (row.status, row.bounced_at is not None) == ("sent", True)
    assert (alert.kind, alert.key) == ("email_bounced", "email:cs-eml-ada")
    assert "came back: 550 no such mailbox" in alert.message


@pytest.mark.once
@pytest.mark.parametrize("fault", ["451 try later", "554 never", "drop"])
@pytest.mark.parametrize("stage", STAGES)
def test_whatever_goes_wrong_at_any_stage_is_never_called_sent(
    letter: Letter, settings: Settings, stage: str, fault: str
) -> None:
    row = letter("ada", body=STATEMENT, in_reply_to="<a@b>", references=["<a@b>"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    with scripted_server(stage, fault) as server:
        settings.EMAIL_PORT = server.port
        deliver_emails()

    unreachable = stage == "greeting"
    expected = {"451 try later": "queued", "554 never": "failed", "drop": "uncertain"}[fault]
    assert status(row) == ("queued" if unreachable else expected)
    assert server.accepted == 0
    assert Alert.objects.open().filter(key="email:cs-eml-ada").exists()
