"""What every test shares: files in a temporary folder, mail in memory, no password hashing to wait for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.language_model import Model, language_model


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    """Artifacts go to the test's own folder, letters to Django's memory backend, and no test reaches a NetSuite that
    the environment names: nobody listens on the discard port."""
    settings.NETSUITE = {
        **{name: "" if isinstance(value, str) else value for name, value in settings.NETSUITE.items()},
        "SANDBOX_FOLDER": str(tmp_path / "netsuite"),
        "SANDBOX_PORT": 9,
    }
    settings.MEDIA_ROOT = str(tmp_path / "artifacts")
    settings.ALERT_EMAIL, settings.DEADMAN_URL = [], ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def listening() -> Iterator[Model]:
    """A language model's endpoint, for all tests of a file."""
    with language_model() as model:
        yield model
