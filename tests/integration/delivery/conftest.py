"""A mail server, and letters that Mike has approved."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.integration.delivery.letters import approved_letter
from tests.smtp import RecordingServer, recording_server
from workflows_app.models import OutboundEmail


@pytest.fixture
def server(settings: Settings) -> Iterator[RecordingServer]:
    """Django sends through it."""
    with recording_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_TIMEOUT = 5
        yield server


@pytest.fixture
def letter(mike: User) -> Callable[..., OutboundEmail]:
    """Makes an approved letter in the outbox; see `letters.approved_letter`."""
    return lambda name, **changes: approved_letter(mike, name, **changes)
