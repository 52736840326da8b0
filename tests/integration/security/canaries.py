"""Secrets that must never be seen again, how to recognise them in any form, and far ends that say them again."""

import base64
import json
import re
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

_END = "7c1f9ab2d4"
# Every secret of the environment, and those that people and machines bring.
CANARIES = {
    name: f"canary-{name.lower().replace('_', '-')}-{_END}"
    for name in (
        "SECRET_KEY", "SECRET_KEY_FALLBACKS", "MIKE_PASSWORD", "DATABASE_URL", "DATABASE_READONLY_URL",
        "EMAIL_URL", "INBOUND_IMAP_URL", "DEADMAN_URL", "NETSUITE_CONSUMER_KEY", "NETSUITE_CONSUMER_SECRET",
        "NETSUITE_TOKEN_ID", "NETSUITE_TOKEN_SECRET", "DRAFTING_KEY", "HTTP_SECRET_PARTNER", "bearer",
        "password", "new password", "api token", "strange token", "webhook",
    )
}  # fmt: skip
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


@cache
def _forms(secret: str) -> tuple[bytes, ...]:
    """The secret as it is, quoted for an address, and inside base64 at each of its three positions."""
    data = secret.encode()
    inside = [base64.b64encode(b"\0" * shift + data)[4 if shift else 0 : -4] for shift in range(3)]
    return (data, quote(secret).encode(), *inside, *(form.translate(_URLSAFE) for form in inside))


_URLSAFE = bytes.maketrans(b"+/", b"-_")


@dataclass
class Watch:
    """Looks for secrets. `more`: those that are only known while the test runs, such as session ids."""

    more: dict[str, str] = field(default_factory=dict)

    def seen(self, data: bytes | str, *, but: str = "") -> set[str]:
        """The names of the secrets in `data`, and in the compressed streams of a PDF."""
        text = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        texts = [text, *_inflated(text)]
        known = {**CANARIES, **self.more}
        return {
            name
            for name, secret in known.items()
            if name != but and any(form in each for form in _forms(secret) for each in texts)
        }


def _inflated(data: bytes) -> Iterator[bytes]:
    if data.startswith(b"%PDF"):
        for found in _STREAM.finditer(data):
            try:
                yield zlib.decompress(found[1])
            except zlib.error:
                continue


@dataclass
class Echo:
    """Answers every request with `status` and everything that it was told, headers included."""

    url: str
    status: int = 401
    heard: list[str] = field(default_factory=list)


@contextmanager
def echo() -> Iterator[Echo]:
    """A far end that knows no shame, on a free port. It gives out tokens of OAuth 2.0, the canary."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
            told = f"{self.path} {dict(self.headers)} {body}"
            far_end.heard.append(told)
            if "/oauth2/" in self.path:
                self.say(200, {"access_token": CANARIES["bearer"], "expires_in": "3600", "token_type": "bearer"})
            else:
                details = [{"detail": f"You said: {told}", "o:errorCode": "USER_ERROR"}]
                self.say(far_end.status, {"o:errorDetails": details, "error": {"message": told}})

        do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815, the names are http.server's

        def say(self, status: int, data: Any) -> None:
            content = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    far_end = Echo(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield far_end
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def refusing(greeting: bytes, replies: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that talks line by line and has no login for anybody; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        talking: list[socket.socket] = []
        thread = threading.Thread(target=_talk, args=(listener, talking, greeting, replies))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            for each in (listener, *talking):
                with suppress(OSError):  # it has ended by itself
                    each.shutdown(socket.SHUT_RDWR)
            thread.join()


def _talk(
    listener: socket.socket, talking: list[socket.socket], greeting: bytes, replies: Callable[[bytes], bytes]
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        talking.append(connection)
        with suppress(OSError), connection, connection.makefile("rwb") as lines:
            lines.write(greeting)
            lines.flush()
            for line in lines:
                lines.write(replies(line.strip()))
                lines.flush()


def mail_server(line: bytes) -> bytes:
    """SMTP: refuses a login by saying the password, plainly."""
    command, _, rest = line.partition(b" ")
    if command == b"EHLO":
        return b"250-far.example\r\n250 AUTH PLAIN\r\n"
    if command == b"AUTH":
        login = base64.b64decode(rest.rpartition(b" ")[2]).replace(b"\0", b" ")
        return b"535 5.7.8 not with" + login + b"\r\n"
    return b"221 bye\r\n" if command == b"QUIT" else b"530 5.7.0 log in first\r\n"


def mailbox(line: bytes) -> bytes:
    """IMAP: refuses a login by saying it again."""
    tag, _, said = line.partition(b" ")
    if said.upper() == b"CAPABILITY":
        return b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n"
    return tag + b" NO not with " + said + b"\r\n"
