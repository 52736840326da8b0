"""Who a letter is from, by the settings, checked before any letter leaves: a typo in them is no fault of a letter."""

from dataclasses import dataclass
from email.utils import getaddresses

from django.conf import settings

from workflows_app.delivery.letters import LetterError, validate_header, validate_recipient


@dataclass(frozen=True, kw_only=True)
class Sender:
    """`shown` is the header From, with a name; `answers` the address that answers go to, empty for the same.

    `bounces` is the envelope's sender (MAIL FROM, later Return-Path), to which undelivered mail is returned.
    """

    shown: str
    answers: str
    bounces: str


def our_sender() -> Sender:
    """From `DEFAULT_FROM_EMAIL`, `REPLY_TO_EMAIL` and `BOUNCE_EMAIL`. Raises `LetterError` naming the bad setting."""
    shown = _mailbox("DEFAULT_FROM_EMAIL")
    answers = _mailbox("REPLY_TO_EMAIL") if settings.REPLY_TO_EMAIL else ""
    bounces = _mailbox("BOUNCE_EMAIL") if settings.BOUNCE_EMAIL else shown
    return Sender(shown=shown, answers=answers, bounces=bounces)


def _mailbox(setting: str) -> str:
    """One mailbox, with or without a name before it."""
    text = str(getattr(settings, setting))
    try:
        [(_name, address)] = getaddresses([validate_header(text)])
        validate_recipient(address)
    except ValueError as error:  # LetterError is one; so are two mailboxes
        raise LetterError(f"the setting {setting} is no mailbox: {error}") from error
    return text
