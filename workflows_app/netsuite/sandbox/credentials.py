"""The keys to the sandbox: made on first use in a folder, and read from there by the server and by the client."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_FILE = "credentials.json"


@dataclass(frozen=True, kw_only=True)
class SandboxCredentials:
    """Both ways in: OAuth 2.0 by certificate (P-256, so ES256) and token-based authentication. PEM and text."""

    client_id: str
    certificate_id: str
    private_key_pem: str = field(repr=False)
    public_key_pem: str
    consumer_key: str
    consumer_secret: str = field(repr=False)
    token_id: str
    token_secret: str = field(repr=False)


def ensure_credentials(folder: Path) -> SandboxCredentials:
    """The credentials of the sandbox in `folder`; made there, readable by the owner only, when there are none yet."""
    path = folder / _FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write_once(path, json.dumps(asdict(_fresh()), indent=1))
    return SandboxCredentials(**json.loads(path.read_text(encoding="utf-8")))


def _fresh() -> SandboxCredentials:
    key = ec.generate_private_key(ec.SECP256R1())
    return SandboxCredentials(
        client_id=secrets.token_hex(32),
        certificate_id=secrets.token_urlsafe(32),
        private_key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        public_key_pem=key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        consumer_key=secrets.token_hex(32),
        consumer_secret=secrets.token_hex(32),
        token_id=secrets.token_hex(32),
        token_secret=secrets.token_hex(32),
    )


def _write_once(path: Path, text: str) -> None:
    """Write `text` whole or not at all; when two start at once, the first one's file stays."""
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
