"""Hands one letter to the mail server, and says what is known about it afterwards."""

import mimetypes
import re
import smtplib
from contextlib import suppress
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from approvals.canonical import parse
from workflows_app.delivery import artifacts
from workflows_app.delivery.answers import storable
from workflows_app.delivery.letter_html import html_of
from workflows_app.delivery.letters import LetterError, validate_header, validate_recipient
from workflows_app.delivery.message_ids import validate_message_id
from workflows_app.delivery.sender import Sender, our_sender
from workflows_app.models import OutboundEmail

_FILE_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f/\\]{1,200}")


class NotSentError(Exception):
    """The letter has certainly not been accepted. `permanent`: the same letter never will be.

    `for_all`: the server itself could not be reached, so trying other letters now is no use.
    """

    def __init__(self, message: str, *, permanent: bool, for_all: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.for_all = for_all


class MaybeSentError(Exception):
    """The connection broke after the letter was begun: the server may have accepted it."""


def build(email: OutboundEmail) -> EmailMessage:
    """The message as text and as HTML, with its attachments, read and checked against their hashes.

    Raises `NotSentError`: permanent when it is the letter that cannot be sent, for all when it is what the settings say
    of its sender.
    """
    try:
        sender = our_sender()
    except LetterError as error:
        raise NotSentError(str(error), permanent=False, for_all=True) from error
    try:
        message = _message(email, sender)
        for attachment in parse(email.attachments):
            message.attach(*_attachment(attachment))
        message.message()  # everything that cannot be written down fails here, before the server hears of it.
    except (LetterError, artifacts.ArtifactError, ValueError) as error:
        raise NotSentError(str(error), permanent=True) from error
    except OSError as error:  # the letter waits for its files; those behind it need not
        raise NotSentError(f"its files cannot be read now: {error}", permanent=False) from error
    return message


def _message(email: OutboundEmail, sender: Sender) -> EmailMultiAlternatives:
    """Django takes `from_email` for the envelope, and the header From from the headers when it is there."""
    message = EmailMultiAlternatives(
        subject=validate_header(email.subject),
        body=email.body,
        from_email=sender.bounces,
        to=[validate_recipient(email.to)],
        reply_to=[sender.answers] if sender.answers else None,
        headers={"From": sender.shown, "Message-ID": validate_message_id(email.message_id), **_thread(email)},
    )
    message.attach_alternative(html_of(email.body, email.letterhead), "text/html")
    return message


def _thread(email: OutboundEmail) -> dict[str, str]:
    """The headers by which mail programs put an answer beside what it answers."""
    if not email.in_reply_to:
        return {}
    references = [validate_message_id(one) for one in email.refs.split(" ")] if email.refs else []
    return {
        "In-Reply-To": validate_message_id(email.in_reply_to),
        "References": " ".join(references or [email.in_reply_to]),
    }


def hand_over(message: EmailMessage) -> None:
    """Send the message; return when the server has accepted it. Raises `NotSentError` or `MaybeSentError`."""
    backend = get_connection()
    try:
        backend.open()
    except (OSError, ValueError) as error:  # ValueError: a login that the protocol cannot write down
        with suppress(OSError):  # a refused login leaves the connection open
            backend.close()
        raise NotSentError(f"the mail server cannot be reached: {error}", permanent=False, for_all=True) from error
    try:
        _send(backend, message)
    finally:
        # the letter's fate is known by now: a broken good-bye changes nothing.
        with suppress(OSError):
            backend.close()


def _send(backend: BaseEmailBackend, message: EmailMessage) -> None:
    try:
        accepted = backend.send_messages([message])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        raise _refused(error) from error
    except (smtplib.SMTPNotSupportedError, ValueError) as error:  # ValueError: an address that cannot be written down
        raise NotSentError(str(error), permanent=True) from error
    except OSError as error:
        raise MaybeSentError(f"{type(error).__name__}: {error}") from error
    if accepted != 1:
        raise NotSentError("the mail backend took no letter", permanent=True)


def _refused(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> NotSentError | MaybeSentError:
    """A reply of the server: 4xx may pass, 5xx will not, and anything else is no refusal."""
    code, reply = _reply(error)
    words = f"the mail server answered {code} {storable(reply)}"
    if 400 <= code <= 599:
        return NotSentError(words, permanent=code >= 500)
    return MaybeSentError(words)


def _reply(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> tuple[int, bytes]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(iter(error.recipients.values()))
    text = error.smtp_error
    return error.smtp_code, text if isinstance(text, bytes) else text.encode()


def _attachment(attachment: dict[str, Any]) -> tuple[str, bytes, str]:
    """Name, content and type of an attachment, from its immutable copy."""
    name = attachment["name"]
    if not _FILE_NAME.fullmatch(name) or name in {".", ".."}:
        raise LetterError(f"{name!r} is not a file name")
    content = artifacts.read(artifacts.fixed_key(attachment["sha256"]))
    return name, content, mimetypes.guess_type(name)[0] or "application/octet-stream"
