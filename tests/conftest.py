"""What every test shares: files in a temporary folder, mail in memory, no password hashing to wait for."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    """Artifacts go to the test's own folder, letters to Django's memory backend."""
    settings.MEDIA_ROOT = str(tmp_path / "artifacts")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
