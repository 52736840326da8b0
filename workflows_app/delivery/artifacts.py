"""Files that steps produce, in Django's default storage: a folder, or an object store by environment (docs/files.md).

Two kinds of keys: a name such as `quotes/<id>.pdf`, which a later revision replaces, and `artifacts/<sha256>`, an
immutable copy that a letter attaches and that is checked against its name whenever it is read.
"""

import hashlib
import re
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

FIXED = "artifacts/"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\:*?\"<>|\ud800-\udfff]")
_MAX_KEY = 200


class ArtifactError(Exception):
    """A key is not allowed, or an artifact is missing or not what its name says."""


class ArtifactMissingError(ArtifactError):
    """Nothing is stored under a key."""


class ArtifactChangedError(ArtifactError):
    """An immutable copy does not hold what its name says."""


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """A stored file: its key, the SHA-256 of its content (64 hexadecimal digits) and its size in bytes."""

    key: str
    sha256: str
    size: int


def store(key: str, content: bytes) -> Artifact:
    """Store `content` under `key`, replacing what was there. Raises `ArtifactError` for a key that is not allowed."""
    if _valid(key).startswith(FIXED):
        raise ArtifactError(f"{key!r}: only fix() writes under {FIXED}")
    return _write(key, content)


def fix(source: str | bytes) -> str:
    """The key `artifacts/<sha256>` of an immutable copy of a stored artifact (by key) or of `source` itself (bytes)."""
    content = read(source) if isinstance(source, str) else source
    key = fixed_key(hashlib.sha256(content).hexdigest())
    # a copy that a crash left half-written on a disk does not match its name and is written anew.
    if not _holds(key, content):
        try:
            _write(key, content)
        except FileExistsError:  # an object store writes only what is not there; somebody was faster
            read(key)
    return key


def fixed_key(sha256: str) -> str:
    """Where the immutable copy with this hash is kept. Raises `ArtifactError` when it is no hash."""
    if not _SHA256.fullmatch(sha256):
        raise ArtifactError(f"{sha256!r} is not a SHA-256")
    return f"{FIXED}{sha256}"


def read(key: str) -> bytes:
    """The content. Raises `ArtifactMissingError`, or `ArtifactChangedError` for an immutable copy; `OSError` when the
    store is away.
    """
    content = _bytes(_valid(key))
    if key.startswith(FIXED) and key != fixed_key(hashlib.sha256(content).hexdigest()):
        raise ArtifactChangedError(f"{key} does not hold what its name says")
    return content


def exists(key: str) -> bool:
    """Whether something is stored under `key`. Raises `ArtifactError` for a key that is not allowed."""
    return default_storage.exists(_valid(key))


def sha256_of(key: str) -> str:
    """The SHA-256 of what is stored under `key` now. Raises `ArtifactError`."""
    return hashlib.sha256(read(key)).hexdigest()


def _valid(key: str) -> str:
    parts = key.split("/")
    if not key or len(key) > _MAX_KEY or _FORBIDDEN.search(key):
        raise ArtifactError(f"{key[:_MAX_KEY]!r} is not an allowed key")
    if any(part.strip() in {"", ".", ".."} for part in parts):
        raise ArtifactError(f"{key!r} is not an allowed key: no empty part, no . and no ..")
    return key


def _write(key: str, content: bytes) -> Artifact:
    stored = default_storage.save(key, ContentFile(content))
    if stored != key:
        raise ArtifactError(f"the store kept {key!r} as {stored!r}; it must be allowed to overwrite")
    return Artifact(key=key, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _holds(key: str, content: bytes) -> bool:
    try:
        return _bytes(key) == content
    except ArtifactMissingError:
        return False


def _bytes(key: str) -> bytes:
    try:
        with default_storage.open(key) as file:
            content: bytes = file.read()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ArtifactMissingError(f"nothing is stored under {key!r}") from error
    return content
