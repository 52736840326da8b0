"""A mail server that does one thing wrong: at one stage of a delivery it refuses, or breaks the connection."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

STAGES: Final = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "end of DATA")
_FINE: Final = {"greeting": "220 here", "DATA": "354 go on"}
_DROP: Final = "drop"


@dataclass
class ScriptedServer:
    """At `stage` it answers `fault`, a reply such as `451 later`, or drops the connection for `drop`.

    `accepted`: how many letters it said 250 to.
    """

    stage: str
    fault: str
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    accepted: int = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.listener.getsockname()[1])

    def run(self) -> None:
        """Serve one connection after the other until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with connection, connection.makefile("rwb", buffering=0) as stream, suppress(OSError, _DroppedError):
                    self._talk(stream)

    def _talk(self, stream: socket.SocketIO) -> None:
        self._answer(stream, "greeting")
        while line := stream.readline():
            stage = line[:4].decode("ascii").strip().upper()
            if stage == "QUIT":
                return
            self._answer(stream, "EHLO" if stage == "HELO" else stage)
            if stage == "DATA" and self.stage != "DATA":
                while stream.readline() not in (b".\r\n", b""):
                    pass
                self._answer(stream, "end of DATA")
                self.accepted += self.stage != "end of DATA"

    def _answer(self, stream: socket.SocketIO, stage: str) -> None:
        reply = self.fault if stage == self.stage else _FINE.get(stage, "250 fine")
        if reply == _DROP:
            raise _DroppedError
        stream.write(f"{reply}\r\n".encode())


class _DroppedError(Exception):
    pass


@contextmanager
def scripted_server(stage: str, fault: str) -> Iterator[ScriptedServer]:
    """The server, on a free port of this machine."""
    server = ScriptedServer(stage, fault)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(timeout=10)
