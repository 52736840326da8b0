"""A real mail server for tests: records what it accepts and fails on request."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_LONGER_THAN_ANYBODY_WAITS = 60.0


@dataclass
class RecordingServer:
    """Every accepted letter in `letters`; the envelope of each in `senders` and `recipients`.

    `faults` maps a recipient to what happens to letters for it.

    Faults: a reply such as `451 try later` to the recipient; `DATA <reply>` to the end of the letter; `drop` accepts
    the letter and then breaks the connection without a reply; `drop early` breaks it before the letter; `silent`
    accepts the letter and never says so.
    """

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    def to(self, address: str) -> list[EmailMessage]:
        """The accepted letters for `address`."""
        return [letter for letter in self.letters if letter["To"] == address]

    async def handle_RCPT(  # noqa: N802, the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        """Accept or refuse a recipient."""
        fault = self.faults.get(address, "")
        if fault == "drop early":
            server.transport.abort()
        if fault[:1].isdigit():
            return fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept or refuse a letter that arrived whole."""
        fault = self.faults.get(envelope.rcpt_tos[0], "")
        if fault.startswith("DATA "):
            return fault.removeprefix("DATA ")
        assert isinstance(envelope.content, bytes)
        content = envelope.content.replace(b"\r\n", b"\n")
        self.senders.append(envelope.mail_from)
        self.recipients.append(list(envelope.rcpt_tos))
        self.letters.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]
        if fault == "drop":
            server.transport.abort()
        if fault == "silent":
            await asyncio.sleep(_LONGER_THAN_ANYBODY_WAITS)
        return "250 Accepted"


@contextmanager
def recording_server() -> Iterator[RecordingServer]:
    """A server on a free port of this machine."""
    server = RecordingServer()
    controller = _AnyPort(server, hostname="127.0.0.1", port=0)
    controller.start()
    server.port = controller.server.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        controller.stop()


class _AnyPort(Controller):
    """aiosmtpd tries the server by connecting to the port it asked for, which is not the one it got."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
