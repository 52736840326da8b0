"""Artifacts: what keys are allowed, and that an immutable copy stays what it is."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from workflows_app.delivery import artifacts
from workflows_app.delivery.artifacts import ArtifactError


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def test_what_is_stored_is_read_back_with_its_hash() -> None:
    artifact = artifacts.store("quotes/cs-est-1.pdf", b"%PDF")

    assert artifact == artifacts.Artifact(key="quotes/cs-est-1.pdf", sha256=hashlib.sha256(b"%PDF").hexdigest(), size=4)
    assert artifacts.read(artifact.key) == b"%PDF"
    assert artifacts.sha256_of(artifact.key) == artifact.sha256


def test_storing_again_replaces_the_content_and_keeps_the_key() -> None:
    artifacts.store("quotes/a.pdf", b"a longer first version")
    again = artifacts.store("quotes/a.pdf", b"second")

    assert again.key == "quotes/a.pdf"
    assert artifacts.read("quotes/a.pdf") == b"second"


def test_a_fixed_copy_outlives_a_new_revision_of_its_source() -> None:
    artifacts.store("quotes/a.pdf", b"revision 1")
    key = artifacts.fix("quotes/a.pdf")
    artifacts.store("quotes/a.pdf", b"revision 2")

    assert key == "artifacts/" + hashlib.sha256(b"revision 1").hexdigest()
    assert artifacts.read(key) == b"revision 1"


def test_fixing_twice_writes_once(folder: Path) -> None:
    key = artifacts.fix(b"same")
    written = (folder / key).stat().st_mtime_ns

    assert artifacts.fix(b"same") == key
    assert (folder / key).stat().st_mtime_ns == written


def test_a_changed_fixed_copy_is_refused_when_read(folder: Path) -> None:
    key = artifacts.fix(b"approved")
    (folder / key).write_bytes(b"tampered")

    with pytest.raises(ArtifactError, match="does not hold"):
        artifacts.read(key)


def test_a_half_written_fixed_copy_is_written_anew(folder: Path) -> None:
    key = artifacts.fix(b"whole content")
    (folder / key).write_bytes(b"whole")

    assert artifacts.fix(b"whole content") == key
    assert artifacts.read(key) == b"whole content"


def test_only_fix_writes_below_artifacts() -> None:
    with pytest.raises(ArtifactError, match="only fix"):
        artifacts.store("artifacts/" + "0" * 64, b"x")


@pytest.mark.parametrize(
    "key",
    [
        "", "/etc/passwd", "../x", "a/../x", "a/..", "./a", "a//b", "a/", "a\\b", "a\x00b", "a\nb", "C:/x", " /x",
        ".. /x", "x" * 201, "a\ud800b", "a/\u0085b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("use", [artifacts.read, artifacts.exists, artifacts.sha256_of, artifacts.fix])
def test_a_key_that_could_leave_the_store_is_refused(key: str, use: Callable[[str], object]) -> None:
    with pytest.raises(ArtifactError):
        use(key)
    with pytest.raises(ArtifactError):
        artifacts.store(key, b"x")


def test_what_was_never_stored_does_not_exist() -> None:
    assert not artifacts.exists("quotes/none.pdf")
    with pytest.raises(ArtifactError, match="nothing is stored"):
        artifacts.read("quotes/none.pdf")


def test_a_store_that_renames_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(default_storage, "save", lambda key, content: key + "_1")

    with pytest.raises(ArtifactError, match="overwrite"):
        artifacts.store("quotes/a.pdf", b"x")
