"""Calls to our own endpoints: in this process and over a socket, signed, and without disturbing the caller."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections, connection, transaction
from django.urls import get_script_prefix, set_script_prefix
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.unit.delivery.quotes import quotation
from workflows_app.delivery import http
from workflows_app.delivery.http import PermanentCallError, TransientCallError, call


def request(path: str = "/api/quote/pdf", body: Any = None, method: str = "POST") -> tuple[str, str, Any]:
    return method, path, body


def pdf_request(**changes: Any) -> tuple[str, str, Any]:
    return request(body=quotation(**changes))


@pytest.mark.django_db
def test_a_call_in_this_process_returns_the_pdf() -> None:
    response = call(*pdf_request(), idempotency_key="k1")

    assert (response.status, response.content_type) == (200, "application/pdf")
    assert response.content.startswith(b"%PDF-")


def test_a_call_over_a_socket_returns_the_same(live_server: LiveServer, settings: Settings) -> None:
    inside = call(*pdf_request(), idempotency_key="k1")
    settings.SITE_URL = live_server.url

    assert call(*pdf_request(), idempotency_key="k1") == inside


@pytest.mark.django_db
def test_a_bad_body_is_a_permanent_error_in_words() -> None:
    with pytest.raises(PermanentCallError, match=r"answered 400: .*add up"):
        call(*pdf_request(total="1.00"), idempotency_key="k1")


@pytest.mark.django_db
def test_an_unknown_path_is_a_permanent_error() -> None:
    with pytest.raises(PermanentCallError, match=r"/api/nothing answered 404: .*no endpoint"):
        call(*request("/api/nothing"), idempotency_key="k1")


@pytest.mark.parametrize(
    "path",
    ["//example.com/x", "/\\example.com", "api/quote/pdf",
     "/api/../admin", "/api/./x", "/api//x", "/api/%2e%2e/x", "/a b", "/a\nb", "/a#b", "", "/@example.com"],
)  # fmt: skip
def test_only_plain_paths_of_our_own_site_are_called(path: str) -> None:
    with pytest.raises(PermanentCallError, match="not a path"):
        call(*request(path), idempotency_key="k1")


@pytest.mark.parametrize("url", ["https://example.com/x", "http://127.0.0.1/api", "file:///etc/passwd"])
def test_no_other_site_is_called_unless_it_is_listed(url: str) -> None:
    with pytest.raises(PermanentCallError, match=r"not among the hosts|may not be called"):
        call(*request(url), idempotency_key="k1")


@pytest.mark.django_db
@pytest.mark.parametrize("hosts", [["*"], [".example.com"], ["console.example.com", "*.x"], ["[::1]"]])
def test_any_allowed_host_will_do(settings: Settings, hosts: list[str]) -> None:
    settings.ALLOWED_HOSTS = hosts

    assert call(*pdf_request(), idempotency_key="k1").status == 200


@pytest.mark.django_db
def test_a_transaction_of_the_caller_goes_on(settings: Settings) -> None:
    with transaction.atomic():
        User.objects.create_user("before")
        before = connection.connection
        call(*pdf_request(), idempotency_key="k1")
        assert connection.connection is before
        User.objects.create_user("after")
        transaction.set_rollback(True)

    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_left_alone_during_the_call_and_tended_again_after_it() -> None:
    User.objects.create_user("before")
    before = connection.connection
    connection.close_at = 0.0

    call(*pdf_request(), idempotency_key="k1")

    assert connection.connection is before
    assert User.objects.count() == 1
    close_old_connections()
    assert connection.connection is None or connection.is_in_memory_db()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_commits_after_a_call_in_its_midst() -> None:
    with transaction.atomic():
        User.objects.create_user("before")
        call(*pdf_request(), idempotency_key="k1")
        User.objects.create_user("after")

    assert User.objects.count() == 2


@pytest.mark.django_db
def test_the_callers_own_script_prefix_is_restored() -> None:
    set_script_prefix("/office/")
    try:
        call(*pdf_request(), idempotency_key="k1")
        assert get_script_prefix() == "/office/"
    finally:
        set_script_prefix("/")


class Site(HTTPServer):
    """Answers every call with `answer`, and keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: tuple[int, dict[str, str], bytes] | None = (200, {}, b"fine")
        self.calls: list[dict[str, Any]] = []
        self.silent = False
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append({"path": self.path, "headers": dict(self.headers), "body": body})
        if self.server.silent:
            self.server.closing.wait(10)
        if self.server.answer is None or self.server.silent:
            self.connection.close()
            return
        status, headers, content = self.server.answer
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Be quiet."""


@pytest.fixture
def site(db: None, settings: Settings) -> Iterator[Site]:
    with Site() as site:
        settings.SITE_URL = site.url
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site
        site.closing.set()
        site.shutdown()
        thread.join()


def test_a_call_is_signed_and_carries_canonical_json(site: Site) -> None:
    call(*request(body={"b": "1.00", "a": "ü"}), idempotency_key="k1")

    (received,) = site.calls
    assert received["body"] == '{"a":"ü","b":"1.00"}'.encode()
    assert received["headers"]["Idempotency-Key"] == "k1"
    assert {"X-Countersign-Signature", "X-Countersign-Timestamp"} <= set(received["headers"])


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_busy_or_broken_server_is_transient(site: Site, status: int) -> None:
    site.answer = (status, {}, b"later")

    with pytest.raises(TransientCallError, match=f"answered {status}: later"):
        call(*request(), idempotency_key="k1")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_refusal_is_permanent(site: Site, status: int) -> None:
    site.answer = (status, {}, b"no")

    with pytest.raises(PermanentCallError, match=f"answered {status}: no"):
        call(*request(), idempotency_key="k1")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(site: Site, status: int) -> None:
    site.answer = (status, {"Location": "/elsewhere"}, b"")

    with pytest.raises(PermanentCallError, match=f"answered {status}"):
        call(*request(), idempotency_key="k1")
    assert len(site.calls) == 1


def test_an_answer_that_breaks_off_is_transient(site: Site) -> None:
    site.answer = None

    with pytest.raises(TransientCallError, match=r"RemoteProtocolError|ReadError"):
        call(*request(), idempotency_key="k1")


def test_an_answer_that_takes_too_long_is_transient(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIMEOUT", httpx.Timeout(0.05))
    site.silent = True

    with pytest.raises(TransientCallError, match="Timeout"):
        call(*request(), idempotency_key="k1")


def test_nobody_there_is_transient(db: None, settings: Settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:1"

    with pytest.raises(TransientCallError, match="ConnectError"):
        call(*request(), idempotency_key="k1")


def test_an_answer_without_end_is_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_BYTES", 1000)
    site.answer = (200, {}, b"x" * 1001)

    with pytest.raises(PermanentCallError, match="more than 1000 bytes"):
        call(*request(), idempotency_key="k1")


def test_an_answer_that_trickles_in_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "LONGEST_SECONDS", 0.0)

    with pytest.raises(TransientCallError, match="not answered as a whole within 0 seconds"):
        call(*request(), idempotency_key="k1")


def test_a_call_is_over_well_before_the_lease_of_its_run(settings: Settings) -> None:
    assert http.LONGEST_SECONDS + (http.TIMEOUT.read or 0) < settings.LEASE_SECONDS


def test_a_proxy_of_the_environment_is_ignored(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert call(*request(), idempotency_key="k1").content == b"fine"


def test_the_error_text_of_an_answer_is_cut(site: Site) -> None:
    site.answer = (400, {}, json.dumps({"error": "x" * 5000}).encode())

    with pytest.raises(PermanentCallError) as error:
        call(*request(), idempotency_key="k1")
    assert len(str(error.value)) < 600
