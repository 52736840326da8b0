"""Token-based authentication: OAuth 1.0 with HMAC-SHA256 over method, address and query. SHA1 is refused."""

import sqlite3
from dataclasses import dataclass

from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth1.rfc5849 import signature, utils

from workflows_app.netsuite.sandbox.credentials import SandboxCredentials
from workflows_app.netsuite.sandbox.store import Store

_PREFIX = "OAuth "
_TOLERANCE_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class SignatureCheck:
    """Checks the Authorization header of a signed request; each nonce is good once."""

    store: Store
    credentials: SandboxCredentials
    account: str

    def accepts(self, header: str, method: str, address: str) -> bool:
        """Whether `header` signs this request; `address` as it was sent, with its query."""
        try:
            given = dict(utils.parse_authorization_header(header))
        except ValueError:
            return False
        return self._names_fit(given) and self._signature_fits(header, given, method, address) and self._is_new(given)

    def _names_fit(self, given: dict[str, str]) -> bool:
        own = self.credentials
        expected = {"oauth_consumer_key": own.consumer_key, "oauth_token": own.token_id, "realm": self.account,
                    "oauth_signature_method": "HMAC-SHA256"}  # fmt: skip
        return all(given.get(name) == value for name, value in expected.items())

    def _signature_fits(self, header: str, given: dict[str, str], method: str, address: str) -> bool:
        request = OAuthRequest(address, http_method=method, body="", headers={"Authorization": header})
        request.params = signature.collect_parameters(
            uri_query=address.partition("?")[2], headers={"Authorization": header}, exclude_oauth_signature=True
        )
        request.signature = utils.unescape(given.get("oauth_signature", ""))
        return bool(
            signature.verify_hmac_sha256(request, self.credentials.consumer_secret, self.credentials.token_secret)
        )

    def _is_new(self, given: dict[str, str]) -> bool:
        stamp, nonce = given.get("oauth_timestamp", ""), given.get("oauth_nonce", "")
        now = int(self.store.now().timestamp())
        if not nonce or not stamp.isdecimal() or abs(int(stamp) - now) > _TOLERANCE_SECONDS:
            return False
        with self.store.writing() as db:
            db.execute("DELETE FROM nonce WHERE stamp < ?", (now - 2 * _TOLERANCE_SECONDS,))
            try:
                db.execute("INSERT INTO nonce VALUES (?, ?)", (nonce, int(stamp)))
            except sqlite3.IntegrityError:
                return False
        return True


def is_signed(header: str) -> bool:
    """Whether the header claims to be of this kind."""
    return header.startswith(_PREFIX)
