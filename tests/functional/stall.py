"""A door in front of the console that can be held shut in the middle of a call, so that a worker can die inside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

_OWN_HEADERS = {"host", "content-length", "connection", "transfer-encoding", "content-encoding"}


class Door(ThreadingHTTPServer):
    """Hands calls on to `site`; while `shut` is set, a call is kept waiting and then broken off."""

    daemon_threads = True

    def __init__(self, site: str) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.site = site
        self.shut = threading.Event()
        self.waiting = threading.Event()
        self.reopened = threading.Event()

    def close(self) -> None:
        """Keep the calls that come now waiting."""
        self.waiting.clear()
        self.reopened.clear()
        self.shut.set()

    def open(self) -> None:
        """Break off what waits, hand on what comes."""
        self.shut.clear()
        self.reopened.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that died is no error here."""


class _Call(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.shut.is_set():
            self.server.waiting.set()
            self.server.reopened.wait(60)
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN_HEADERS}
        with httpx.Client(trust_env=False) as client:
            answer = client.post(f"{self.server.site}{self.path}", content=body, headers=headers)
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() not in _OWN_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def door(site: str) -> Iterator[Door]:
    """A door on a free port of this machine."""
    server = Door(site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.open()
        server.shutdown()
        server.server_close()
        thread.join()
