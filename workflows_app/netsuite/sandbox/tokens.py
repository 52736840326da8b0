"""OAuth 2.0 for machines: a signed assertion is exchanged for an opaque token of an hour."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

import jwt

from workflows_app.netsuite.sandbox.store import Store

_ALGORITHMS = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_SECONDS = 3600
_SCOPES = {"rest_webservices", "restlets", "suite_analytics"}


class TokenRefusedError(Exception):
    """`error` as OAuth 2.0 names it: invalid_grant, invalid_client, …"""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Tokens:
    """Gives tokens and knows them again, after a restart too; only their hashes are in the file."""

    def __init__(self, store: Store, *, client_id: str, certificates: Mapping[str, str], seconds: int) -> None:
        self._store = store
        self._client_id = client_id
        self._certificates = certificates
        self._seconds = seconds

    def exchange(self, form: Mapping[str, str], address: str) -> dict[str, str]:
        """The answer to a token request at `address`. Raises `TokenRefusedError`."""
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusedError("unsupported_grant_type")
        if form.get("client_assertion_type") != _ASSERTION or not form.get("client_assertion"):
            raise TokenRefusedError("invalid_request")
        self._check(form["client_assertion"], address)
        token = secrets.token_urlsafe(48)
        now = int(self._store.now().timestamp())
        with self._store.writing() as db:
            db.execute("DELETE FROM token WHERE expires < ?", (now,))
            db.execute("INSERT INTO token VALUES (?, ?)", (_digest(token), now + self._seconds))
        return {"access_token": token, "expires_in": str(self._seconds), "token_type": "bearer"}

    def _check(self, assertion: str, address: str) -> None:
        try:
            key = self._certificates[jwt.get_unverified_header(assertion)["kid"]]
            claims = jwt.decode(
                assertion, key, algorithms=_ALGORITHMS, audience=address, issuer=self._client_id,
                options={"require": ["iss", "scope", "aud", "iat", "exp"], "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise TokenRefusedError("invalid_grant") from error
        self._check_times(claims)
        if not isinstance(claims["scope"], list) or not set(claims["scope"]) <= _SCOPES:
            raise TokenRefusedError("invalid_scope")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._store.now().timestamp()
        issued, expires = claims["iat"], claims["exp"]
        if expires <= now or issued > now + 60 or expires - issued > _LONGEST_SECONDS:
            raise TokenRefusedError("invalid_grant")

    def is_good(self, token: str) -> bool:
        """Whether the token was given and still lives."""
        with self._store.reading() as db:
            row = db.execute("SELECT expires FROM token WHERE digest = ?", (_digest(token),)).fetchone()
        return row is not None and row[0] > self._store.now().timestamp()

    def forget(self) -> None:
        """End the life of every token, as if their hour were over."""
        with self._store.writing() as db:
            db.execute("DELETE FROM token")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
