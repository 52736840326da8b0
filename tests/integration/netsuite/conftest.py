"""A sandbox that listens, which the settings name, so that `connect()` talks to it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from workflows_app.netsuite.sandbox.server import Sandbox


class Hands:
    """The sandbox's clock, which a test can move on: NetSuite tells whole seconds only."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, seconds: float = 10) -> None:
        """Move on."""
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def hands() -> Hands:
    """The sandbox's clock."""
    return Hands()


@pytest.fixture
def sandbox(settings: Settings, tmp_path: Path, hands: Hands) -> Iterator[Sandbox]:
    """An empty sandbox; the client gives up after 0.3 seconds."""
    with Sandbox(tmp_path / "sandbox", clock=hands) as running:
        settings.NETSUITE = {**settings.NETSUITE, **running.django_settings, "TIMEOUT": 0.3}
        yield running
