"""Hands one letter to the mail server, and says what is known about it afterwards."""

import mimetypes
import re
import smtplib
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from approvals.canonical import parse
from workflows_app.delivery import artifacts
from workflows_app.delivery.letters import LetterError, validate_header, validate_recipient
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
    """The message with its attachments, read and checked against their hashes. Raises `NotSentError`, permanent."""
    try:
        message = EmailMessage(
            subject=validate_header(email.subject),
            body=email.body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[validate_recipient(email.to)],
            headers={"Message-ID": validate_header(email.message_id)},
        )
        for attachment in parse(email.attachments):
            message.attach(*_attachment(attachment))
        message.message()  # everything that cannot be written down fails here, before the server hears of it.
    except (LetterError, artifacts.ArtifactError, ValueError) as error:
        raise NotSentError(str(error), permanent=True) from error
    return message


def hand_over(message: EmailMessage) -> None:
    """Send the message; return when the server has accepted it. Raises `NotSentError` or `MaybeSentError`."""
    backend = get_connection()
    try:
        backend.open()
    except OSError as error:
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
    except smtplib.SMTPNotSupportedError as error:
        raise NotSentError(str(error), permanent=True) from error
    except OSError as error:
        raise MaybeSentError(f"{type(error).__name__}: {error}") from error
    if accepted != 1:
        raise NotSentError("the mail backend took no letter", permanent=True)


def _refused(error: smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused) -> NotSentError | MaybeSentError:
    """A reply of the server: 4xx may pass, 5xx will not, and anything else is no refusal."""
    code, reply = _reply(error)
    words = f"the mail server answered {code} {reply.decode(errors='replace')}"
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
