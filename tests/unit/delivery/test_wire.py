"""The transport: each step of a call gets what is left of the whole, and never more than a step may take."""

import ssl
from typing import Any

import httpcore
import pytest

from workflows_app.delivery import wire


class Stream(httpcore.NetworkStream):
    """Notes how long each step may take."""

    def __init__(self) -> None:
        self.allowed: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.allowed.append(timeout)
        return b"x"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.allowed.append(timeout)

    def start_tls(self, context: ssl.SSLContext, name: str | None = None, timeout: float | None = None) -> "Stream":
        self.allowed.append(timeout)
        return self

    def close(self) -> None:
        """Nothing is open."""


class Backend(httpcore.NetworkBackend):
    """Connects to nothing, by one stream."""

    def __init__(self) -> None:
        self.stream = Stream()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *args: Any, **kwargs: Any) -> Stream:
        self.stream.allowed.append(timeout)
        return self.stream


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(wire.time, "monotonic", lambda: now[0])
    return now


def test_each_step_gets_what_is_left(clock: list[float]) -> None:
    backend = Backend()
    connection = wire.Pinned(60.0, ["203.0.113.1"], backend).connect_tcp("hooks.example.com", 443, 5.0)

    clock[0] = 40.0
    secure = connection.start_tls(ssl.create_default_context(), "hooks.example.com", 30.0)
    clock[0] = 50.0
    secure.read(10, 30.0)
    secure.write(b"x" * 20_000, None)
    secure.read(10, 3.0)

    assert backend.stream.allowed == [5.0, 20.0, 10.0, 10.0, 10.0, 3.0]


def test_after_the_end_nothing_is_begun(clock: list[float]) -> None:
    backend = Backend()
    connection = wire.Pinned(60.0, ["203.0.113.1"], backend).connect_tcp("hooks.example.com", 443, 5.0)
    clock[0] = 60.0

    with pytest.raises(httpcore.ReadTimeout):
        connection.read(10, 30.0)
    with pytest.raises(httpcore.WriteTimeout):
        connection.write(b"x", 30.0)
    with pytest.raises(httpcore.ConnectTimeout):
        connection.start_tls(ssl.create_default_context(), "hooks.example.com", 30.0)
    with pytest.raises(httpcore.ConnectTimeout):
        wire.Pinned(60.0, ["203.0.113.1"], backend).connect_tcp("hooks.example.com", 443, 5.0)
    assert backend.stream.allowed == [5.0]
