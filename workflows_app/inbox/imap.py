"""The connection with a mailbox: looks and reads, never marks, moves or deletes."""

import imaplib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from workflows_app.inbox.parse import MOST_BYTES

_TIMEOUT: Final = 30.0
_KINDS: Final[dict[str, tuple[type[BaseMailBox], int]]] = {
    "imaps": (MailBox, 993),
    "imap+tls": (MailBoxStartTls, 143),
    "imap": (MailBoxUnencrypted, 143),
}
_FAULTS: Final = (ImapToolsError, imaplib.IMAP4.error, OSError, ValueError)


class MailboxError(Exception):
    """The mailbox cannot be read; the sentence says why, without the password."""


class RefusedMessageError(MailboxError):
    """The server answers, and does not hand out one message."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a mailbox is. `kind`: imaps, imap+tls (STARTTLS) or imap (in the clear: on this machine only)."""

    kind: str
    host: str
    port: int
    user: str
    password: str
    folder: str

    @property
    def name(self) -> str:
        """The mailbox in words, without the password."""
        return f"{self.user}@{self.host}/{self.folder}"[:200]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A message as it lies in the mailbox: its number, when it arrived, and its bytes, of very long ones the first."""

    uid: int
    arrived: datetime | None
    raw: bytes


def address(url: str) -> Address:
    """Read `imaps://user:password@host:993/Folder`. Raises `MailboxError`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise MailboxError("INBOUND_IMAP_URL is no address such as imaps://user:password@host/INBOX.") from error
    if parts.scheme not in _KINDS or not parts.hostname or not parts.username:
        raise MailboxError("INBOUND_IMAP_URL is no address such as imaps://user:password@host/INBOX.")
    return Address(
        kind=parts.scheme,
        host=parts.hostname,
        port=port or _KINDS[parts.scheme][1],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


class Mailbox:
    """An open mailbox."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box
        self.uid_validity = self._number("UIDVALIDITY")
        self.uid_next = self._number("UIDNEXT")

    def uids(self, *, after: int, since: date | None = None) -> list[int]:
        """The numbers of the messages after one, oldest first; `since`: only what arrived on that day or later."""
        day = f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else ""
        with _told():
            found = self._box.uids(f"UID {after + 1}:*{day}")
        return sorted(uid for uid in map(int, found) if uid > after)  # "n:*" has the last one, whatever n is

    def read(self, uid: int) -> Found | None:
        """The beginning of a message, which stays unread; None when it is gone. Raises `MailboxError`."""
        with _told():
            status, data = self._box.client.uid("FETCH", str(uid), f"(INTERNALDATE BODY.PEEK[]<0.{MOST_BYTES + 1}>)")
        if status != "OK":
            raise RefusedMessageError(f"The server refused message {uid}.")
        for item in data or ():
            if isinstance(item, tuple) and len(item) > 1 and isinstance(item[1], bytes):
                return Found(uid=uid, arrived=_arrived(data), raw=item[1])
        return None

    def _number(self, name: str) -> int:
        _, values = self._box.client.response(name)
        found = re.search(rb"\d+", (values or [b""])[-1] or b"")
        if found is None:
            raise MailboxError(f"The server does not tell {name}, by which messages are known.")
        return int(found.group())


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@contextmanager
def opened(where: Address) -> Iterator[Mailbox]:
    """The mailbox, opened for reading only. Raises `MailboxError`."""
    kind, _ = _KINDS[where.kind]
    with _told():
        box = kind(where.host, where.port, timeout=_TIMEOUT)  # type: ignore[call-arg]  # the base class has no such
    try:
        with _told(secret=where.password):
            box.login(where.user, where.password, initial_folder=None)
            box.folder.set(where.folder, readonly=True)
        yield Mailbox(box)
    finally:
        with suppress(*_FAULTS):
            box.logout()


@contextmanager
def _told(secret: str = "") -> Iterator[None]:
    """Whatever goes wrong with the server as one error, without `secret`, which a server may say again."""
    try:
        yield
    except _FAULTS as error:
        words = f"{type(error).__name__}: {error}"
        hidden = secret and (secret in words)
        raise MailboxError((words.replace(secret, "[secret]") if hidden else words)[:500]) from (
            None if hidden else error
        )


def _arrived(data: Any) -> datetime | None:
    """When the server received the message, by its own word; None for a day that there is not (year 0)."""
    for item in data:
        for part in item if isinstance(item, tuple) else (item,):
            with suppress(ValueError, OverflowError, OSError):
                told = imaplib.Internaldate2tuple(part[:400]) if isinstance(part, bytes) else None
                if told:
                    return datetime.fromtimestamp(time.mktime(told), UTC)
    return None
