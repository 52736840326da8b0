"""Files in an object store (moto's server): the same rules as on a disk, and a store that is away loses nothing."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from pytest_django import Settings

from tests.object_store import BUCKET, client, moto_server, storages
from tests.smtp import RecordingServer
from tests.unit.checks.kinds.test_artifact import NOW, spec_of
from workflows_app.checks.base import CheckNotExecutedError
from workflows_app.checks.kinds.artifact import ArtifactKind
from workflows_app.delivery import artifacts
from workflows_app.delivery.artifacts import ArtifactChangedError, ArtifactError, ArtifactMissingError
from workflows_app.delivery.email import Counts, deliver_emails
from workflows_app.delivery.object_store import StoreAwayError
from workflows_app.models import Alert, OutboundEmail
from workflows_app.runner import call

pytestmark = pytest.mark.once
Letter = Callable[..., OutboundEmail]
AWAY = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto_server() as url:
        yield url


@pytest.fixture(scope="module")
def _kept(url: str) -> Iterator[Any]:
    """Once for all tests that leave it so: boto3 takes a second to begin."""
    with override_settings(STORAGES=storages(url)):
        yield client(url)


@pytest.fixture
def bucket(_kept: Any) -> Iterator[Any]:
    """An empty bucket where files live, seen from outside."""
    yield _kept
    for key in keys(_kept):
        _kept.delete_object(Bucket=BUCKET, Key=key)


def keys(bucket: Any) -> list[str]:
    return [found["Key"] for found in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_what_is_stored_is_read_back_and_replaced_under_its_key(bucket: Any) -> None:
    first = artifacts.store("quotes/a.pdf", b"%PDF first")
    artifacts.store("quotes/a.pdf", b"%PDF second")

    assert (first.key, first.sha256) == ("quotes/a.pdf", hashlib.sha256(b"%PDF first").hexdigest())
    assert artifacts.read("quotes/a.pdf") == b"%PDF second"
    assert keys(bucket) == ["quotes/a.pdf"]
    assert bucket.head_object(Bucket=BUCKET, Key="quotes/a.pdf")["ContentType"] == "application/pdf"


def test_a_prefix_keeps_ours_apart(bucket: Any, settings: Settings, url: str) -> None:
    settings.STORAGES = storages(url, location="countersign/live")
    key = artifacts.fix(b"same")

    assert keys(bucket) == [f"countersign/live/{key}"]
    assert artifacts.read(key) == b"same"
    assert artifacts.exists(key)


def test_what_is_not_there_is_missing(bucket: Any) -> None:
    assert not artifacts.exists("quotes/none.pdf")
    with pytest.raises(ArtifactMissingError, match="nothing is stored under"):
        artifacts.read("quotes/none.pdf")


def test_a_fixed_copy_outlives_its_source_and_is_written_once(bucket: Any) -> None:
    artifacts.store("quotes/a.pdf", b"revision 1")
    key = artifacts.fix("quotes/a.pdf")
    written = bucket.head_object(Bucket=BUCKET, Key=key)["LastModified"]
    artifacts.store("quotes/a.pdf", b"revision 2")

    assert (artifacts.fix(b"revision 1"), artifacts.read(key)) == (key, b"revision 1")
    assert bucket.head_object(Bucket=BUCKET, Key=key)["LastModified"] == written


def test_a_fixed_copy_is_never_overwritten(bucket: Any) -> None:
    key = artifacts.fix(b"approved")

    with pytest.raises(FileExistsError):
        default_storage.save(key, ContentFile(b"another"))
    assert artifacts.read(key) == b"approved"


def test_a_changed_fixed_copy_is_refused_and_stays_for_whoever_looks(bucket: Any) -> None:
    key = artifacts.fix(b"approved")
    bucket.put_object(Bucket=BUCKET, Key=key, Body=b"tampered")

    with pytest.raises(ArtifactChangedError, match="does not hold"):
        artifacts.read(key)
    with pytest.raises(ArtifactChangedError, match="does not hold"):
        artifacts.fix(b"approved")
    assert bucket.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"tampered"


def test_somebody_who_was_faster_with_the_same_content_is_no_trouble(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = artifacts.fix(b"same")
    monkeypatch.setattr(artifacts, "_holds", lambda key, content: False)

    assert artifacts.fix(b"same") == key


@pytest.mark.parametrize("key", ["../x", "/x", "a/../../x", "a\\b", "a\x00"])
def test_no_key_leaves_the_bucket(bucket: Any, key: str) -> None:
    with pytest.raises(ArtifactError):
        artifacts.store(key, b"x")
    with pytest.raises((SuspiciousOperation, OSError, ValueError)):
        default_storage.open(key)
    assert keys(bucket) == []


@pytest.mark.parametrize(("expect", "passed"), [("present", True), ("absent", False)])
def test_the_check_looks_into_the_bucket(bucket: Any, expect: str, passed: bool) -> None:
    artifacts.store("quotes/cs-est-1.pdf", b"%PDF")

    assert ArtifactKind().execute(spec_of(expect), NOW).passed is passed


@pytest.mark.parametrize(("endpoint", "name"), [(AWAY, BUCKET), ("", "no-such-bucket")])
def test_a_store_that_is_away_is_said_and_nothing_is_decided(
    settings: Settings, url: str, endpoint: str, name: str
) -> None:
    settings.STORAGES = storages(endpoint or url, bucket_name=name)

    for use in (artifacts.read, artifacts.fix):
        with pytest.raises((StoreAwayError, ArtifactMissingError)):
            use("quotes/a.pdf")
    with pytest.raises(StoreAwayError):
        artifacts.store("quotes/a.pdf", b"x")


def test_a_check_of_a_store_that_is_away_is_not_executed(settings: Settings) -> None:
    settings.STORAGES = storages(AWAY)

    with pytest.raises(CheckNotExecutedError, match="the store does not answer"):
        ArtifactKind().execute(spec_of("absent"), NOW)


def test_what_a_step_produced_is_stored_by_another_attempt(settings: Settings) -> None:
    settings.STORAGES = storages(AWAY)

    error = call._store("quotes/a.pdf", b"%PDF")

    assert not isinstance(error, dict)
    assert not error.permanent
    assert str(error).startswith("the artifact store failed: StoreAwayError: quotes/a.pdf")


def test_a_letter_waits_until_the_store_is_back(
    bucket: Any, settings: Settings, url: str, server: RecordingServer, letter: Letter
) -> None:
    key = artifacts.fix(b"%PDF approved")
    letter("ada", attachments=[{"name": "Quote.pdf", "key": "q", "sha256": key.rpartition("/")[2]}])
    letter("bob")
    settings.STORAGES = storages(AWAY)

    assert deliver_emails() == Counts(sent=1, queued=1)
    assert Alert.objects.filter(kind="email_queued", message__contains="the store does not answer").exists()

    settings.STORAGES = storages(url)
    assert deliver_emails() == Counts(sent=1)
    (attachment,) = server.letters[1].iter_attachments()
    assert attachment.get_content() == b"%PDF approved"


def test_a_letter_whose_file_was_changed_in_the_bucket_does_not_leave(
    bucket: Any, server: RecordingServer, letter: Letter
) -> None:
    key = artifacts.fix(b"%PDF approved")
    letter("ada", attachments=[{"name": "Quote.pdf", "key": "q", "sha256": key.rpartition("/")[2]}])
    bucket.put_object(Bucket=BUCKET, Key=key, Body=b"%PDF tampered")

    assert deliver_emails() == Counts(failed=1)
    assert server.letters == []
