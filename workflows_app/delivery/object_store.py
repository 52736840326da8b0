"""An object store that speaks S3 (Amazon S3, Cloudflare R2, MinIO) behind Django's storage, by django-storages.

It says what went wrong in Python's own words, so that nobody above knows which store there is: `FileNotFoundError` for
what is not there, `FileExistsError` for an immutable copy that is, `StoreAwayError` for a store that does not answer or
refuses us. Files here are at most some megabytes: each is one request, without threads and without parts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile, File
from storages.backends.s3 import S3Storage

from workflows_app.delivery.artifacts import FIXED

_MISSING: Final = frozenset({"404", "NoSuchKey", "NotFound"})
_TAKEN: Final = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})

# A worker waits for the store with a lease in hand: seconds, not the minutes that are the defaults.
CLIENT: Final = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 2},
    signature_version="s3v4",
    request_checksum_calculation="when_required",  # R2 and others do not know the newer ones
    response_checksum_validation="when_required",
)


class StoreAwayError(OSError):
    """The store does not answer, or refuses us; what was to be stored or read may be so later."""


class ObjectStore(S3Storage):  # type: ignore[misc]  # django-storages has no type hints
    """One bucket. Names below `artifacts/` are written only when they are not there yet."""

    def get_default_settings(self) -> dict[str, Any]:
        """django-storages' own, without what its global settings would change."""
        fixed = {"client_config": CLIENT, "file_overwrite": True, "default_acl": None, "object_parameters": {}}
        return {**super().get_default_settings(), **fixed, "gzip": False}

    def _open(self, name: str, mode: str = "rb") -> "ContentFile[bytes]":
        if mode != "rb":
            raise ValueError("files are read whole, and written by save()")
        with _said(name):
            return ContentFile(self._object(name).get()["Body"].read(), name=name)

    def _save(self, name: str, content: "File[bytes]") -> str:
        content.seek(0)
        given = self._get_write_parameters(name, content) | ({"IfNoneMatch": "*"} if name.startswith(FIXED) else {})
        with _said(name):
            self._object(name).put(Body=content.read(), **given)
        return name

    def exists(self, name: str) -> bool:
        """Whether it is there. Raises `StoreAwayError` when that is not known."""
        try:
            with _said(name):
                self._object(name).load()
        except FileNotFoundError:
            return False
        return True

    def _object(self, name: str) -> Any:
        return self.bucket.Object(self._normalize_name(name))


@contextmanager
def _said(name: str) -> Iterator[None]:
    """The store's errors in Python's words."""
    try:
        yield
    except ClientError as error:
        raise _translated(name, error) from error
    except BotoCoreError as error:
        raise StoreAwayError(f"{name}: the store does not answer: {error}") from error


def _translated(name: str, error: ClientError) -> OSError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in _MISSING:
        return FileNotFoundError(f"nothing is stored under {name!r}")
    if code in _TAKEN:
        return FileExistsError(f"{name!r} is stored already")
    return StoreAwayError(f"{name}: the store answered {code}")
