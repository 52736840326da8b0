"""A letter that a mail server gives back is marked, once; whoever forges that gets an alert and nothing else."""

import pytest
from django.contrib.auth.models import User

from approvals.clock import database_now
from tests.integration.delivery.letters import approved_letter
from tests.letters_in import CRLF
from workflows_app.inbox.intake import take_in
from workflows_app.models import Alert, Event, InboundEmail, OutboundEmail

WHOLE = "message/rfc822"
HEADERS_ONLY = "text/rfc822-headers"
REASON = "smtp; 550-5.1.1 <ada@example.com>: Recipient address\r\n    rejected: User unknown"


@pytest.fixture
def sent(mike: User) -> OutboundEmail:
    """A letter that a server took."""
    row = approved_letter(mike, "ada")
    OutboundEmail.objects.filter(pk=row.pk).update(status="sent", sent_at=database_now())
    return row


def report(original: str, *, action: str = "failed", reason: str = REASON, kind: str = WHOLE, number: int = 1) -> bytes:
    """What Postfix writes."""
    return (
        f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example.com>
To: office@example.com
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <bounce-{number}@mx.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
    boundary="4XyZ.1763/mx.example.com"

This is a MIME-encapsulated message.

--4XyZ.1763/mx.example.com
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.com. Your message could not be delivered.

--4XyZ.1763/mx.example.com
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
X-Postfix-Queue-ID: 4XyZ
Arrival-Date: Sat, 21 Nov 2026 09:00:00 +0000 (UTC)

Final-Recipient: rfc822; ada@example.com
Original-Recipient: rfc822;ada@example.com
Action: {action}
Status: 5.1.1
Remote-MTA: dns; mail.example.net
Diagnostic-Code: {reason}

--4XyZ.1763/mx.example.com
Content-Description: Undelivered Message
Content-Type: {kind}

From: office@example.com
To: ada@example.com
Message-ID: {original}
Subject: Hello
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="inner"

--inner
Content-Type: text/plain; charset=utf-8

Hello

--inner
Content-Type: text/html; charset=utf-8

<p>Hello</p>

--inner--

--4XyZ.1763/mx.example.com--
""".replace("\r\n", "\n")
        .replace("\n", CRLF)
        .encode("utf-8", "surrogateescape")
    )


def came_back(row: OutboundEmail) -> bool:
    row.refresh_from_db()
    return row.bounced_at is not None


@pytest.mark.parametrize("kind", [WHOLE, HEADERS_ONLY])
def test_a_letter_that_is_given_back_is_marked_with_the_reason_and_alerts(sent: OutboundEmail, kind: str) -> None:
    taken = take_in(report(sent.message_id, kind=kind))

    assert came_back(sent)
    assert (sent.status, taken.triage) == ("sent", "set_aside")
    alert = Alert.objects.open().get()
    assert alert.kind == "email_bounced"
    assert alert.message.endswith("came back: 550-5.1.1 <ada@example.com>: Recipient address rejected: User unknown")
    assert not Event.objects.exists()


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded", ""])
def test_a_letter_that_may_arrive_or_did_is_not_marked(sent: OutboundEmail, action: str) -> None:
    take_in(report(sent.message_id, action=action))

    assert not came_back(sent)
    assert not Alert.objects.exists()


def test_a_report_on_a_letter_of_somebody_else_is_only_kept(sent: OutboundEmail) -> None:
    take_in(report("<cs-eml-nobody@countersign>"))

    assert not came_back(sent)
    assert not Alert.objects.exists()
    assert InboundEmail.objects.count() == 1


def test_the_same_report_twice_and_a_second_one_alert_once(sent: OutboundEmail) -> None:
    for number in (1, 1, 2):
        take_in(report(sent.message_id, number=number))

    assert Alert.objects.get().count == 1
    assert InboundEmail.objects.count() == 2


def test_a_letter_that_only_talks_of_failure_marks_nothing(sent: OutboundEmail) -> None:
    raw = report(sent.message_id).replace(b"report-type=delivery-status", b"report-type=disposition-notification")

    take_in(raw)

    assert not came_back(sent)


def test_a_reason_that_no_database_takes_is_made_harmless(sent: OutboundEmail) -> None:
    take_in(report(sent.message_id, reason="smtp; 550 \udcff\x00 no" + " x" * 9_000))

    assert came_back(sent)
    assert sent.error.startswith("It came back: 550")


@pytest.mark.parametrize(
    ("part", "broken"),
    [
        (b"message/delivery-status", b"message/delivery-status; charset*=utf-16'en'%FF"),
        (b"report-type=delivery-status", b"report-type*0*=x'; report-type=delivery-status"),
        (b"message/rfc822", b"message/rfc822\r\nContent-Transfer-Encoding: base64"),
        (b"Content-Type: message/delivery-status\r\n\r\n", b"Content-Type: message/delivery-status\r\n"),
        (b"--4XyZ", b"--5XyZ"),
        (b"Action: failed", b"Action: failed\r\n" * 9_000),
    ],
)
def test_a_broken_report_is_stored_and_stops_nothing(sent: OutboundEmail, part: bytes, broken: bytes) -> None:
    taken = take_in(report(sent.message_id).replace(part, broken))

    assert taken.new
    assert Event.objects.count() == 0
