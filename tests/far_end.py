"""A far end that listens on this machine, counts who connects, and answers as a test says."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

FINE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nfine"
Talk = Callable[[socket.socket], None]


@dataclass
class FarEnd:
    """`answer`: the bytes it sends, or what it does with a connection. `connections` counts; `heard` keeps requests."""

    listener: socket.socket
    answer: bytes | Talk = FINE
    tls: ssl.SSLContext | None = None
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        """Talk with one after the other until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.closing.is_set():
                connection.close()
                return
            self.connections += 1
            with suppress(OSError):
                self._talk(connection)
            connection.close()

    def _talk(self, plain: socket.socket) -> None:
        plain.settimeout(10)
        connection = self.tls.wrap_socket(plain, server_side=True) if self.tls else plain
        with connection:
            self.heard.append(_request(connection))
            if callable(self.answer):
                self.answer(connection)
            else:
                connection.sendall(self.answer)


def _request(connection: socket.socket) -> bytes:
    """Headers and body of one request."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        piece = connection.recv(65536)
        if not piece:
            return heard
        heard += piece
    head, _, body = heard.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


@contextmanager
def far_end(tls: ssl.SSLContext | None = None) -> Iterator[FarEnd]:
    """One on a free port of 127.0.0.1, gone with the block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        end = FarEnd(listener=listener, tls=tls)
        thread = threading.Thread(target=end.serve)
        thread.start()
        yield end
        end.closing.set()
        with suppress(OSError), socket.socket() as wake:  # a waiting accept; no name is looked up for it
            wake.connect(listener.getsockname())
        thread.join()
