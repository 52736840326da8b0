"""Letters: sent at most once, only as approved, and never called sent without a server's word for it."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage as Message
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import connection, connections
from pytest_django import Settings

from approvals.canonical import canonical, digest, parse
from approvals.clock import database_now
from approvals.models import ProposedAction, Verdict
from tests.factories import QuoteFactory
from tests.integration.delivery.letters import approved_letter, decide, effect, propose, queue
from tests.scripted_smtp import scripted_server
from tests.smtp import RecordingServer
from workflows_app.delivery import artifacts, email, transport
from workflows_app.delivery.email import Counts, deliver_emails, send_next, settle
from workflows_app.models import Alert, Hold, OutboundEmail, Quote

Letter = Callable[..., OutboundEmail]
ADA = "ada@example.com"


def outcome(row: OutboundEmail) -> str:
    return ProposedAction.objects.get(pk=row.proposed_action_id).outcome


def status(row: OutboundEmail) -> str:
    row.refresh_from_db()
    return row.status


def text_of(received: Message) -> str:
    body = received.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_an_approved_letter_is_sent_once_as_it_was_written(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")

    assert send_next()
    assert not send_next()
    assert deliver_emails() == Counts()
    (received,) = server.letters
    assert received["Subject"] == "Grüße an ada 🥕"
    assert received["To"] == ADA
    assert received["Message-ID"] == "<cs-eml-ada@countersign>"
    assert text_of(received) == "Hello {{ x }} 100%\n.\nBest regards\n"
    assert status(row) == "sent"
    assert abs(row.sent_at - database_now()) < timedelta(minutes=1)
    assert outcome(row) == "sent"


def test_letters_leave_oldest_first_up_to_the_limit(server: RecordingServer, letter: Letter) -> None:
    for name in ("ada", "bob", "cyd"):
        letter(name)

    assert deliver_emails(limit=2) == Counts(sent=2)
    assert [received["To"] for received in server.letters] == [ADA, "bob@example.com"]


def test_a_pass_ends_in_time_between_two_letters(server: RecordingServer, letter: Letter) -> None:
    """A worker that lasts too long is ended, and the letter in its hand would be uncertain."""
    moments = itertools.count(step=70.0)
    for name in ("ada", "bob", "cyd"):
        letter(name)

    assert deliver_emails(seconds=60, clock=lambda: next(moments)) == Counts(sent=1)
    assert deliver_emails() == Counts(sent=2)
    assert len(server.letters) == 3


def test_letters_that_a_server_keeps_putting_off_keep_no_others_from_leaving(
    server: RecordingServer, letter: Letter
) -> None:
    letter("ada")
    letter("bob")
    server.faults[ADA] = "451 try later"

    assert [deliver_emails(limit=1) for _ in range(3)] == [Counts(queued=1), Counts(sent=1), Counts(queued=1)]


def test_sending_a_quote_makes_the_quote_sent(server: RecordingServer, letter: Letter) -> None:
    quote = QuoteFactory(lifecycle_status="proposed")
    other = QuoteFactory(lifecycle_status="proposed")
    accepted = QuoteFactory(lifecycle_status="accepted")
    letter("ada", related_quote_id=quote.pk, related_quote_revision=1, action_type="quote_email")
    letter("bob", related_quote_id=accepted.pk, related_quote_revision=1, action_type="quote_email")

    deliver_emails()

    states = dict(Quote.objects.values_list("pk", "lifecycle_status"))
    assert states == {quote.pk: "sent", other.pk: "proposed", accepted.pk: "accepted"}


def test_an_attachment_is_the_file_that_was_approved(server: RecordingServer, letter: Letter) -> None:
    artifacts.store("quotes/q1.pdf", b"%PDF revision 1")
    sha256 = artifacts.sha256_of(artifacts.fix("quotes/q1.pdf"))
    letter("ada", attachments=[{"name": "Quote.pdf", "key": "quotes/q1.pdf", "sha256": sha256}])
    artifacts.store("quotes/q1.pdf", b"%PDF revision 2")

    deliver_emails()

    (attachment,) = server.letters[0].iter_attachments()
    assert attachment.get_filename() == "Quote.pdf"
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == b"%PDF revision 1"


def test_a_tampered_attachment_does_not_leave(server: RecordingServer, letter: Letter, settings: Settings) -> None:
    key = artifacts.fix(b"%PDF approved")
    row = letter("ada", attachments=[{"name": "Quote.pdf", "key": "q", "sha256": key.rpartition("/")[2]}])
    Path(settings.MEDIA_ROOT, key).write_bytes(b"%PDF tampered")

    assert deliver_emails() == Counts(failed=1)
    assert (server.letters, status(row)) == ([], "failed")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("to", "eve@example.com"), ("subject", "Other"), ("body", "Pay to another account"), ("digest", "0" * 64),
        ("attachments", canonical([{"name": "x", "key": "x", "sha256": "0" * 64}])), ("action_type", "quote_email"),
        ("related_quote_id", "7"), ("related_quote_revision", 7), ("related_customer_id", "43"),
    ],
)  # fmt: skip
def test_a_letter_changed_after_approval_is_refused(
    server: RecordingServer, letter: Letter, column: str, value: str
) -> None:
    row = letter("ada")
    OutboundEmail.objects.filter(pk=row.pk).update(**{column: value})

    assert deliver_emails() == Counts(failed=1)
    assert server.letters == []
    assert status(row) == "failed"
    assert Alert.objects.get(key="email:cs-eml-ada").kind == "email_failed"
    assert outcome(row) == "applied"


def test_a_letter_and_its_proposal_changed_together_are_refused(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")
    text = canonical(parse(row.proposed_action.effects) | {"on_approve": [effect("ada", to="eve@example.com")]})
    ProposedAction.objects.filter(pk=row.proposed_action_id).update(effects=text, digest=digest(text))
    OutboundEmail.objects.filter(pk=row.pk).update(to="eve@example.com", digest=digest(text))

    assert deliver_emails() == Counts(failed=1)
    assert server.letters == []


@pytest.mark.parametrize("verdict", [None, Verdict.REJECT])
def test_a_letter_that_nobody_approved_is_refused(server: RecordingServer, mike: User, verdict: Verdict | None) -> None:
    proposal = propose("ada", [effect("ada")])
    if verdict:
        decide(proposal, mike, verdict)
    row = queue(proposal, effect("ada"))

    assert deliver_emails() == Counts(failed=1)
    assert server.letters == []
    assert "not approved" in OutboundEmail.objects.get(pk=row.pk).error


def test_a_status_without_a_decision_is_no_approval(db: None, server: RecordingServer) -> None:
    proposal = propose("ada", [effect("ada")])
    ProposedAction.objects.filter(pk=proposal.pk).update(status="approved")
    queue(proposal, effect("ada"))

    assert deliver_emails() == Counts(failed=1)
    assert server.letters == []


def test_the_letter_of_a_proposal_that_is_only_staged_is_refused(server: RecordingServer, mike: User) -> None:
    staged = {"kind": "proposal.stage", "id": "inner", "on_approve": [effect("ada")]}
    proposal = propose("ada", [staged])
    decide(proposal, mike)
    queue(proposal, effect("ada"))

    assert deliver_emails() == Counts(failed=1)
    assert server.letters == []


@pytest.mark.parametrize(
    "changes",
    [{"to": "a@example.com\r\nBcc: eve@example.com"}, {"subject": "Hi\nBcc: eve@example.com"}, {"to": "a@x.com,b@x"},
     {"attachments": [{"name": "../../etc/x.pdf", "key": "q", "sha256": "0" * 64}]}, {"subject": " "}],
)  # fmt: skip
def test_a_letter_that_would_break_its_headers_is_refused(
    server: RecordingServer, letter: Letter, changes: dict[str, object]
) -> None:
    row = letter("ada", **changes)

    assert deliver_emails() == Counts(failed=1)
    assert (server.letters, status(row)) == ([], "failed")


def test_nothing_is_sent_on_hold(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")
    Hold.objects.create(on=True)

    assert deliver_emails() == Counts()
    assert not send_next()
    assert (server.letters, status(row)) == ([], "queued")

    Hold.objects.update(on=False)
    assert deliver_emails() == Counts(sent=1)


@pytest.mark.parametrize("fault", ["451 try later", "DATA 452 disk full"])
def test_a_passing_refusal_leaves_the_letter_waiting(server: RecordingServer, letter: Letter, fault: str) -> None:
    row = letter("ada")
    letter("bob")
    server.faults[ADA] = fault

    assert deliver_emails() == Counts(sent=1, queued=1)
    assert (status(row), row.sent_at, outcome(row)) == ("queued", None, "applied")
    assert fault[-5:] in Alert.objects.get(key="email:cs-eml-ada").message

    server.faults.clear()
    assert deliver_emails() == Counts(sent=1)
    assert len(server.to(ADA)) == 1
    assert Alert.objects.get(key="email:cs-eml-ada").resolved_at is not None


@pytest.mark.parametrize("fault", ["550 no such mailbox", "DATA 554 refused"])
def test_a_lasting_refusal_fails_the_letter(server: RecordingServer, letter: Letter, fault: str) -> None:
    row = letter("ada")
    server.faults[ADA] = fault

    assert deliver_emails() == Counts(failed=1)
    assert deliver_emails() == Counts()
    assert (status(row), server.letters) == ("failed", [])
    assert fault[-5:] in row.error


def test_without_a_server_every_letter_waits(server: RecordingServer, letter: Letter, settings: Settings) -> None:
    rows = [letter("ada"), letter("bob")]
    settings.EMAIL_PORT = 1

    assert deliver_emails() == Counts(queued=1)
    assert [status(row) for row in rows] == ["queued", "queued"]

    settings.EMAIL_PORT = server.port
    assert deliver_emails() == Counts(sent=2)


def test_a_login_that_cannot_even_be_written_down_lets_every_letter_wait(letter: Letter, settings: Settings) -> None:
    """smtplib writes AUTH in ASCII only; of a password beyond it nothing has left, and nothing is uncertain."""
    rows = [letter("ada"), letter("bob")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "office", "gehe\u00efm-canary"
    with scripted_server("EHLO", "250-here\r\n250 AUTH PLAIN") as needs_login:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", needs_login.port

        assert deliver_emails() == Counts(queued=1)

    assert [status(row) for row in rows] == ["queued", "queued"]
    assert "canary" not in Alert.objects.get().message


def test_a_refusal_with_a_character_that_no_database_holds_is_a_refusal(letter: Letter, settings: Settings) -> None:
    row = letter("ada")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with scripted_server("RCPT", "554 no\0never") as refusing:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", refusing.port

        assert deliver_emails() == Counts(failed=1)

    assert status(row) == "failed"
    assert "554 no\ufffdnever" in row.error


def test_a_connection_lost_after_the_letter_is_uncertain_and_never_repeated(
    server: RecordingServer, letter: Letter
) -> None:
    row = letter("ada")
    server.faults[ADA] = "drop"

    assert deliver_emails() == Counts(uncertain=1)
    assert deliver_emails() == Counts()
    assert len(server.to(ADA)) == 1
    assert (status(row), row.sent_at, outcome(row)) == ("uncertain", None, "uncertain")
    assert Alert.objects.get(key="email:cs-eml-ada").kind == "email_uncertain"


def test_a_connection_lost_before_the_letter_is_never_called_sent(server: RecordingServer, letter: Letter) -> None:
    row = letter("ada")
    server.faults[ADA] = "drop early"

    deliver_emails()

    assert server.letters == []
    assert status(row) != "sent"


def test_a_sender_that_died_leaves_an_uncertain_letter(server: RecordingServer, letter: Letter) -> None:
    dead, alive = letter("ada"), letter("bob")
    now = database_now()
    OutboundEmail.objects.filter(pk=dead.pk).update(status="sending", claimed_at=now - timedelta(minutes=11))
    OutboundEmail.objects.filter(pk=alive.pk).update(status="sending", claimed_at=now - timedelta(minutes=9))

    assert deliver_emails() == Counts(uncertain=1)
    assert (status(dead), status(alive)) == ("uncertain", "sending")
    assert server.letters == []


@pytest.mark.parametrize(("arrived", "expected"), [(True, "sent"), (False, "failed")])
def test_a_person_settles_an_uncertain_letter_once(
    server: RecordingServer, letter: Letter, arrived: bool, expected: str
) -> None:
    row = letter("ada")
    server.faults[ADA] = "drop"
    deliver_emails()

    assert settle(row.pk, arrived=arrived)
    assert not settle(row.pk, arrived=not arrived)
    assert status(row) == expected
    assert outcome(row) == ("sent" if arrived else "uncertain")
    assert len(server.letters) == 1


def test_a_letter_that_was_not_uncertain_cannot_be_settled(letter: Letter) -> None:
    row = letter("ada")

    assert not settle(row.pk, arrived=True)
    assert status(row) == "queued"


def test_a_store_that_fails_leaves_the_letter_waiting(
    server: RecordingServer, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = letter("ada")
    with monkeypatch.context() as broken:
        broken.setattr(transport, "build", _raise(RuntimeError("the store is away")))
        with pytest.raises(RuntimeError):
            deliver_emails()

    assert status(row) == "queued"
    assert deliver_emails() == Counts(sent=1)


@pytest.mark.parametrize("damage", ['[{"key":"x"', "[1]", "null", '{"a":1}'])
def test_a_damaged_letter_fails_and_the_one_behind_it_leaves(
    server: RecordingServer, letter: Letter, damage: str
) -> None:
    bad, good = letter("ada"), letter("bob")
    OutboundEmail.objects.filter(pk=bad.pk).update(attachments=damage)

    assert deliver_emails() == Counts(sent=1, failed=1)
    assert (status(bad), status(good)) == ("failed", "sent")
    assert Alert.objects.filter(kind="email_failed").count() == 1


def test_a_crash_after_the_server_accepted_is_not_repeated(
    server: RecordingServer, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = letter("ada")
    with monkeypatch.context() as crashing:
        crashing.setattr(email, "_sent", _raise(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            deliver_emails()
    OutboundEmail.objects.update(claimed_at=database_now() - timedelta(minutes=11))

    assert deliver_emails() == Counts(uncertain=1)
    assert len(server.letters) == 1
    assert status(row) == "uncertain"


def test_the_claim_is_committed_before_the_letter_leaves(
    transactional_db: None, server: RecordingServer, letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter("ada")
    seen: list[tuple[str, bool]] = []

    def looking(message: EmailMessage) -> None:
        seen.append((OutboundEmail.objects.get().status, connection.in_atomic_block))

    monkeypatch.setattr(transport, "hand_over", looking)
    deliver_emails()

    assert seen == [("sending", False)]


@pytest.mark.usefixtures("shared_database")
def test_two_deliverers_at_once_send_each_letter_once(server: RecordingServer, mike: User) -> None:
    for number in range(8):
        approved_letter(mike, f"person{number}")
    start = threading.Barrier(2)
    counts: list[Counts] = []

    def run() -> None:
        try:
            start.wait()
            counts.append(deliver_emails())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(count.sent for count in counts) == 8
    assert len({received["Message-ID"] for received in server.letters}) == len(server.letters) == 8


def _raise(error: BaseException) -> Callable[..., None]:
    def raising(*args: object, **kwargs: object) -> None:
        raise error

    return raising
