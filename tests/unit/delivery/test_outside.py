"""Calls to far ends: nothing that could turn them inwards reaches a socket (QUALITY.md test 25)."""

import gzip
import json
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from tests.far_end import FarEnd, far_end
from tests.unit.delivery.test_addresses import HIDDEN, TRICKS
from workflows_app.delivery import outside, wire
from workflows_app.delivery.addresses import Reach, Target
from workflows_app.delivery.answers import PermanentCallError, Response, TransientCallError
from workflows_app.delivery.outside import Outgoing, anyone, listed, send

pytestmark = pytest.mark.once
PUBLIC = "93.184.216.34"


@pytest.fixture
def end() -> Iterator[FarEnd]:
    with far_end() as found:
        yield found


@pytest.fixture
def opened(settings: Settings) -> None:
    settings.HTTP_NETWORKS = ["127.0.0.0/8"]


def here(host: str, port: int) -> list[str]:
    """A resolver to which every name is this machine."""
    return ["127.0.0.1"]


def everywhere(target: Target) -> Reach:
    """No list of hosts at all: only the rules for addresses stand in the way."""
    return Reach.FAR


def ask(url: str, **changes: Any) -> Outgoing:
    return Outgoing(method="POST", url=url, body=b"{}", idempotency_key="k1", **changes)


def call(end: FarEnd, scheme: str = "http", **changes: Any) -> Response:
    return send(ask(f"{scheme}://box.example.com:{end.port}/in", **changes), anyone, resolve=here)


def test_the_far_end_is_reached_when_its_network_is_opened(end: FarEnd, opened: None) -> None:
    answer = call(end, headers={"X-Kind": "test"})

    assert (answer.status, answer.content, end.connections) == (200, b"fine", 1)
    head = end.heard[0].lower()
    assert f"host: box.example.com:{end.port}\r\n".encode() in head
    assert b"idempotency-key: k1\r\n" in head
    assert b"x-kind: test\r\n" in head
    assert b"x-countersign" not in head


class Recording(httpcore.SyncBackend):
    """Notes every address it is told to connect to; only this machine is really reached."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        self.asked.append(host)
        if not host.startswith("127."):
            raise httpcore.ConnectError("the test has no way out")
        return super().connect_tcp(host, port, *args, **kwargs)


@pytest.mark.parametrize("url", TRICKS)
def test_a_tricky_address_is_not_even_resolved(url: str) -> None:
    asked: list[str] = []
    backend = Recording()

    with pytest.raises(PermanentCallError):
        send(ask(url), everywhere, resolve=lambda host, port: asked.append(host) or [PUBLIC], backend=backend)
    assert (asked, backend.asked) == ([], [])


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "box.example.com"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_this_machine_is_not_reached_by_any_of_its_names(end: FarEnd, scheme: str, host: str) -> None:
    with pytest.raises(PermanentCallError, match="may not be called"):
        send(ask(f"{scheme}://{host}:{end.port}/"), everywhere, resolve=here)
    assert end.connections == 0


@pytest.mark.parametrize("address", HIDDEN)
def test_a_name_for_a_hidden_address_connects_to_nothing(address: str) -> None:
    backend = Recording()

    for found in ([address], [PUBLIC, address]):
        with pytest.raises(PermanentCallError, match="may not be called"):
            send(ask("https://hooks.example.com/"), anyone, resolve=lambda host, port, all=found: all, backend=backend)
    assert backend.asked == []


def test_a_name_that_changes_its_answer_is_asked_once(
    end: FarEnd, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Rebinding: public when it is judged, this machine when it is connected to."""
    answers = iter([PUBLIC])
    asked: list[str] = []

    def lookup(host: str, port: int, **kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers, "127.0.0.1"), port))]

    settings.HTTP_HOSTS = [f"hooks.example.com:{end.port}"]
    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    backend = Recording()

    with pytest.raises(TransientCallError, match="no way out"):
        send(ask(f"https://hooks.example.com:{end.port}/"), listed, backend=backend)

    assert (asked, backend.asked, end.connections) == (["hooks.example.com"], [PUBLIC], 0)


def test_the_next_address_is_tried_when_one_does_not_answer(end: FarEnd) -> None:
    backend = Recording()

    pinned = wire.Pinned(time.monotonic() + 60, [PUBLIC, "127.0.0.1"], backend)
    pinned.connect_tcp("hooks.example.com", end.port).close()

    assert backend.asked == [PUBLIC, "127.0.0.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(end: FarEnd, opened: None, status: int) -> None:
    with far_end() as elsewhere:
        place = f"http://127.0.0.1:{elsewhere.port}/"
        end.answer = f"HTTP/1.1 {status} Moved\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()

        with pytest.raises(PermanentCallError, match=f"answered {status}: redirects are not followed"):
            call(end)
        assert (end.connections, elsewhere.connections) == (1, 0)


def test_only_listed_hosts_are_called_by_steps(settings: Settings, end: FarEnd, opened: None) -> None:
    settings.HTTP_HOSTS = [f"box.example.com:{end.port}"]

    send(ask(f"http://box.example.com:{end.port}/"), listed, resolve=here)
    for url in (f"http://other.example.com:{end.port}/", "http://box.example.com/", "https://a.box.example.com/"):
        with pytest.raises(PermanentCallError, match="not among the hosts"):
            send(ask(url), listed, resolve=here)
    assert end.connections == 1


def test_no_host_is_listed_by_default() -> None:
    with pytest.raises(PermanentCallError, match="not among the hosts"):
        send(ask("https://api.example.com/"), listed, resolve=here)


def test_a_webhook_may_go_to_any_public_host_on_the_usual_port_only() -> None:
    backend = Recording()
    for url in ("https://hooks.example.com:8443/", "http://hooks.example.com/", "https://8.8.8.8/"):
        with pytest.raises(PermanentCallError, match="outside our own networks"):
            send(ask(url), anyone, resolve=lambda host, port: [PUBLIC], backend=backend)
    assert backend.asked == []

    with pytest.raises(TransientCallError, match="no way out"):
        send(ask("https://hooks.example.com/"), anyone, resolve=lambda host, port: [PUBLIC], backend=backend)
    assert backend.asked == [PUBLIC]


def test_a_name_that_is_not_resolved_is_transient() -> None:
    def gone(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    with pytest.raises(TransientCallError, match="could not be resolved: no such name"):
        send(ask("https://hooks.example.com/"), anyone, resolve=gone)


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, end: FarEnd) -> None:
    monkeypatch.setattr(outside, "RESOLVE_SECONDS", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: end.closing.wait(1) and [])

    with pytest.raises(TransientCallError, match="no answer within"):
        send(ask("https://hooks.example.com/"), anyone)
    end.closing.set()


def test_a_proxy_of_the_environment_is_ignored(end: FarEnd, opened: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert call(end).content == b"fine"


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_trickles_in_ends_with_the_time_for_the_call(
    end: FarEnd, opened: None, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    """There is always a next byte, so that no limit of a single read is ever met."""
    clock = [0.0]
    monkeypatch.setattr(wire.time, "monotonic", lambda: clock[0])

    def trickle(connection: socket.socket) -> None:
        connection.sendall(start)
        clock[0] = 61.0
        for _ in range(1000):
            connection.sendall(b"x")

    end.answer = trickle
    with pytest.raises(TransientCallError, match="not answered as a whole within 60 seconds"):
        call(end)


def test_a_body_without_end_is_refused(end: FarEnd, opened: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "MAX_BYTES", 1000)
    end.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001

    with pytest.raises(PermanentCallError, match="more than 1000 bytes"):
        call(end)


def test_what_is_not_wanted_is_not_read(end: FarEnd, opened: None) -> None:
    end.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n" + b"x" * 100_000

    assert call(end, keep=False).content == b""


def test_a_bomb_is_not_unpacked(end: FarEnd, opened: None) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    end.answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(bomb), bomb)

    with pytest.raises(PermanentCallError, match="packed form"):
        call(end)
    assert b"accept-encoding: identity" in end.heard[0].lower()


@pytest.mark.parametrize(
    ("status", "error"), [(503, TransientCallError), (429, TransientCallError), (410, PermanentCallError)]
)
def test_what_the_far_end_says_decides_whether_it_is_tried_again(
    end: FarEnd, opened: None, status: int, error: type[Exception]
) -> None:
    end.answer = b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\nno" % status

    with pytest.raises(error, match=f"answered {status}: no"):
        call(end)


def test_a_far_end_that_says_what_no_database_holds_is_quoted_without_it(end: FarEnd, opened: None) -> None:
    end.answer = b"HTTP/1.1 500 X\r\nContent-Length: 5\r\n\r\n\0no\xff\0"

    with pytest.raises(TransientCallError, match="answered 500: \ufffdno\ufffd\ufffd"):
        call(end)


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server for `name` shows, and the file of whoever trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    return context, shown


@pytest.mark.parametrize(("name", "good"), [("box.example.com", True), ("other.example.com", False)])
def test_tls_is_verified_against_the_name_although_the_address_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: None, name: str, good: bool
) -> None:
    context, trusted = certificate("box.example.com", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))

    with far_end(context) as end:
        asked = ask(f"https://{name}:{end.port}/")
        if good:
            assert send(asked, anyone, resolve=here).content == b"fine"
        else:
            with pytest.raises(TransientCallError, match="CERTIFICATE_VERIFY_FAILED"):
                send(asked, anyone, resolve=here)
        assert len(end.heard) == good


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, opened: None) -> None:
    context, _ = certificate("box.example.com", tmp_path)

    with far_end(context) as end:
        with pytest.raises(TransientCallError, match="CERTIFICATE_VERIFY_FAILED"):
            call(end, "https")
        assert end.heard == []


class TestSecrets:
    """A canary in the environment: it reaches the far end, and nothing else."""

    CANARY = "canary-5d41402abc4b2a76"
    HEADERS = {"Authorization": {"secret": "PARTNER"}}

    @pytest.fixture(autouse=True)
    def _held(self, settings: Settings, opened: None) -> None:
        settings.HTTP_SECRETS = {"PARTNER": f"Bearer {self.CANARY}", "BAD": f"{self.CANARY}\r\nX: y"}

    def test_the_far_end_gets_it(self, end: FarEnd) -> None:
        call(end, headers=self.HEADERS)

        assert f"authorization: Bearer {self.CANARY}\r\n".lower().encode() in end.heard[0].lower()

    @pytest.mark.parametrize("status", [400, 500])
    def test_a_far_end_that_says_it_again_is_not_quoted(self, end: FarEnd, status: int) -> None:
        said = f"who is Bearer {self.CANARY} or {self.CANARY}?".encode()
        end.answer = b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(said), said)

        with pytest.raises(
            (PermanentCallError, TransientCallError), match=r"who is \[secret\] or \[secret\]\?"
        ) as error:
            call(end, headers=self.HEADERS)
        assert self.CANARY not in repr(error.getrepr(chain=True, showlocals=False))
        assert error.value.__cause__ is None

    def test_an_answer_that_holds_it_is_not_kept(self, end: FarEnd) -> None:
        said = json.dumps({"headers": f"Bearer {self.CANARY}"}).encode()
        end.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)

        with pytest.raises(PermanentCallError, match="a secret of ours"):
            call(end, headers=self.HEADERS)

    @pytest.mark.parametrize("name", ["BAD", "MISSING", "../x", "partner", ""])
    def test_one_that_cannot_be_sent_connects_to_nothing(self, end: FarEnd, name: str) -> None:
        with pytest.raises(PermanentCallError) as error:
            call(end, headers={"Authorization": {"secret": name}})
        assert (end.connections, self.CANARY in str(error.value)) == (0, False)

    @pytest.mark.parametrize("value", ["a\r\nX: y", "", " a", "ü", "a\x00"])
    def test_a_plain_header_cannot_carry_another(self, end: FarEnd, value: str) -> None:
        with pytest.raises(PermanentCallError, match="no value that could be sent"):
            call(end, headers={"X-Kind": value})
        assert end.connections == 0
