"""How a request says who we are: a bearer token got by a signed assertion, or an OAuth 1.0 signature.

Secrets stay in here: nothing of them is logged, shown by `repr`, or put into an error (`secrets` is what errors are
cleaned of).
"""

import json
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote_plus

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from oauthlib import oauth1

from workflows_app.netsuite.account import Account, CertificateLogin, TokenLogin
from workflows_app.netsuite.errors import (
    BusyError,
    LoginRefusedError,
    NetSuiteError,
    SettingsError,
    UnreachableError,
    classify,
)

Clock = Callable[[], float]
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 a path
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 300
# NetSuite's tokens live an hour and cannot be refreshed; a new one is fetched before the old one can fail a request.
_RENEW_SECONDS = 50 * 60
_EC_ALGORITHMS = {256: "ES256", 384: "ES384", 521: "ES512"}


@dataclass(frozen=True, kw_only=True)
class _Token:
    text: str = field(repr=False)
    renew_at: float


class TokenCache:
    """The bearer tokens of this process, by login; clients of several threads share it."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str, str], _Token] = {}
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str, str], now: float) -> _Token | None:
        """The token, unless it is time for a new one."""
        with self._lock:
            token = self._tokens.get(key)
        return token if token is not None and now < token.renew_at else None

    def put(self, key: tuple[str, str, str], token: _Token) -> None:
        """Keep a new token."""
        with self._lock:
            self._tokens[key] = token

    def drop(self, key: tuple[str, str, str], refused: str) -> None:
        """Forget a token that was refused, unless another thread has a newer one already."""
        with self._lock:
            if key in self._tokens and self._tokens[key].text == refused:
                del self._tokens[key]


_SHARED = TokenCache()


class _Secretive(httpx.Auth):
    """Knows what must not appear in any error."""

    def secrets(self) -> set[str]:
        """Every secret that a request may carry."""
        raise NotImplementedError

    def scrubbed(self, text: str) -> str:
        """`text` without them, should an answer repeat what it was sent."""
        for secret in self.secrets():
            text = text.replace(secret, "…").replace(quote_plus(secret), "…")
        return text


class BearerToken(_Secretive):
    """OAuth 2.0 client credentials. A 401 gets one new token and one more try; what then comes is the answer."""

    requires_response_body = True

    def __init__(self, account: Account, login: CertificateLogin, clock: Clock, tokens: TokenCache) -> None:
        self.token_url = account.url + TOKEN_PATH
        self._login = login
        self._clock = clock
        self._tokens = tokens
        self._key = (self.token_url, login.client_id, login.certificate_id)
        self._seen: set[str] = set()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the token; refused with 401: once more with a new one."""
        token = yield from self._token()
        response = yield _bearing(request, token)
        if response.status_code == 401:
            self._tokens.drop(self._key, token)
            token = yield from self._token()
            yield _bearing(request, token)

    def secrets(self) -> set[str]:
        """Tokens and assertions of this client."""
        return self._seen

    def _token(self) -> Generator[httpx.Request, httpx.Response, str]:
        known = self._tokens.get(self._key, self._clock())
        if known is None:
            asked_at = self._clock()
            answer = yield self._token_request(asked_at)
            known = self._read(answer, asked_at)
            self._tokens.put(self._key, known)
        self._seen.add(known.text)
        return known.text

    def _token_request(self, now: float) -> httpx.Request:
        assertion = _assertion(self._login, self.token_url, int(now))
        self._seen.add(assertion)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return httpx.Request("POST", self.token_url, data=form, headers={"Accept": "application/json"})

    def _read(self, answer: httpx.Response, asked_at: float) -> _Token:
        """The token of an answer. Raises `LoginRefusedError`, `BusyError`, `UnreachableError`: no record was sent."""
        if answer.status_code != 200:
            raise _login_error(answer.status_code, self.scrubbed(answer.text))
        try:
            found = cast(dict[str, Any], json.loads(answer.content))
            lifetime = float(found.get("expires_in", 3600))
            return _Token(text=str(found["access_token"]), renew_at=asked_at + min(_RENEW_SECONDS, lifetime * 5 / 6))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UnreachableError("logging in: the answer cannot be read", status=200) from None


class SignedRequest(_Secretive):
    """Token-based authentication: method, URL and query are signed with HMAC-SHA256; a JSON body is not part of it."""

    token_url = ""

    def __init__(self, account: Account, login: TokenLogin) -> None:
        self._login = login
        self._signer = oauth1.Client(
            login.consumer_key,
            client_secret=login.consumer_secret,
            resource_owner_key=login.token_id,
            resource_owner_secret=login.token_secret,
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=account.name,
        )

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign with a fresh nonce and time."""
        _, headers, _ = self._signer.sign(str(request.url), http_method=request.method)
        request.headers["Authorization"] = headers["Authorization"]
        yield request

    def secrets(self) -> set[str]:
        """Both keys and both secrets."""
        login = self._login
        return {login.consumer_key, login.consumer_secret, login.token_id, login.token_secret}


Authentication = BearerToken | SignedRequest


def authentication(account: Account, *, clock: Clock = time.time, tokens: TokenCache | None = None) -> Authentication:
    """The way of logging in that the account has. `tokens`: where bearer tokens are kept; by default the process's."""
    if isinstance(account.login, CertificateLogin):
        return BearerToken(account, account.login, clock, _SHARED if tokens is None else tokens)
    return SignedRequest(account, account.login)


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request


def _assertion(login: CertificateLogin, audience: str, now: int) -> str:
    """The signed statement that the token is asked for with. Raises `SettingsError` for a key NetSuite cannot take."""
    key = _private_key(login.private_key)
    claims = {
        "iss": login.client_id,
        "scope": ["rest_webservices"],
        "aud": audience,
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
    }
    return jwt.encode(claims, key, algorithm=_algorithm(key), headers={"kid": login.certificate_id})


def _private_key(pem: str) -> RSAPrivateKey | EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise SettingsError("NETSUITE_PRIVATE_KEY_FILE holds no unencrypted private key in PEM form.") from None
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise SettingsError("NETSUITE_PRIVATE_KEY_FILE must hold an RSA or an EC key: NetSuite takes no other.")
    return key


def _algorithm(key: RSAPrivateKey | EllipticCurvePrivateKey) -> str:
    if isinstance(key, RSAPrivateKey):
        return "PS256"
    if key.curve.key_size not in _EC_ALGORITHMS:
        raise SettingsError("NETSUITE_PRIVATE_KEY_FILE must hold a key on the curve P-256, P-384 or P-521.")
    return _EC_ALGORITHMS[key.curve.key_size]


def _login_error(status: int, text: str) -> NetSuiteError:
    """A 4xx means that the login is wrong; anything else that it could not be tried."""
    error = classify(status, text, what="logging in")
    if isinstance(error, BusyError):
        return error
    kind = UnreachableError if error.again else LoginRefusedError
    return kind(error.message, status=error.status, code=error.code, body=error.body)
