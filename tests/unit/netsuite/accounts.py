"""Accounts, keys and answers for tests of the client: every secret is a canary that must never be seen."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from workflows_app.netsuite.account import Account, CertificateLogin, TokenLogin
from workflows_app.netsuite.authentication import TokenCache
from workflows_app.netsuite.client import NetSuite

URL = "https://123456-sb1.suitetalk.api.netsuite.com"
TOKEN_URL = f"{URL}/services/rest/auth/oauth2/v1/token"
CANARIES = ("canary-consumer-key", "canary-consumer-secret", "canary-token-id", "canary-token-secret", "canary-bearer")
TOKEN_LOGIN = TokenLogin(
    consumer_key=CANARIES[0], consumer_secret=CANARIES[1], token_id=CANARIES[2], token_secret=CANARIES[3]
)

Answer = Callable[[httpx.Request], httpx.Response]


@cache
def private_key(kind: str = "ec") -> Any:
    """A key for assertions."""
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def pem(kind: str = "ec") -> str:
    """The key as NETSUITE_PRIVATE_KEY_FILE holds it."""
    return private_key(kind).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def account(login: Any = None, **parts: Any) -> Account:
    """A live account with a certificate, unless told otherwise."""
    known = CertificateLogin(client_id="client-1", certificate_id="cert-1", private_key=pem())
    return Account(name="123456_SB1", url=URL, login=login or known, **parts)


class Script:
    """Answers requests in turn and keeps them; the token endpoint answers by itself unless `token` is given."""

    def __init__(self, *answers: httpx.Response | Exception, token: Answer | None = None) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.authorizations: list[str] = []
        self.logins: list[httpx.Request] = []
        self._token = token

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKEN_URL:
            self.logins.append(request)
            if self._token:
                return self._token(request)
            text = f"canary-bearer-{len(self.logins)}"
            return httpx.Response(200, json={"access_token": text, "expires_in": "3600", "token_type": "bearer"})
        self.requests.append(request)
        self.authorizations.append(request.headers["Authorization"])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, login: Any = None, **parts: Any) -> NetSuite:
        """A client that talks to this script."""
        return NetSuite(account(login), transport=httpx.MockTransport(self), tokens=TokenCache(), **parts)


def refusal(status: int, code: str, detail: str, **headers: str) -> httpx.Response:
    """NetSuite's error body."""
    details = [{"detail": detail, "o:errorCode": code}]
    return httpx.Response(status, json={"title": "Bad", "status": status, "o:errorDetails": details}, headers=headers)


def page(items: Iterable[dict[str, Any]], *, has_more: bool = False) -> httpx.Response:
    """A page of SuiteQL."""
    found = list(items)
    return httpx.Response(200, json={"items": found, "count": len(found), "hasMore": has_more, "offset": 0})
