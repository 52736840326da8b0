from dataclasses import asdict
from pathlib import Path

from workflows_app.netsuite.sandbox.credentials import ensure_credentials

SECRETS = ("private_key_pem", "consumer_secret", "token_secret")


def test_they_are_made_once_and_read_again(tmp_path: Path) -> None:
    first = ensure_credentials(tmp_path / "new")

    assert ensure_credentials(tmp_path / "new") == first
    assert ensure_credentials(tmp_path / "other") != first


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    ensure_credentials(tmp_path)

    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_no_secret_shows_when_they_are_printed(tmp_path: Path) -> None:
    known = ensure_credentials(tmp_path)

    for name in SECRETS:
        assert asdict(known)[name] not in repr(known)
