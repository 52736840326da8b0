"""The fake hooks."""

from collections.abc import Iterator

import pytest

from approvals import hooks
from tests.integration.approvals.fakes import RecordingHooks


@pytest.fixture
def recording() -> Iterator[RecordingHooks]:
    """Registered for the test."""
    before = hooks.current()
    recording = RecordingHooks()
    hooks.register(recording)
    yield recording
    hooks.register(before)
