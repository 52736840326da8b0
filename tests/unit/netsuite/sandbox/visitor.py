"""Talks to the sandbox as NetSuite's documentation says, with plain httpx, PyJWT and oauthlib: none of our client."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
import jwt
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from workflows_app.netsuite.sandbox.server import Sandbox

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
RECORDS = "/services/rest/record/v1"
SUITEQL = "/services/rest/query/v1/suiteql"


def claims(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """What an assertion says; None takes a claim out."""
    now = int(time.time())
    made = {
        "iss": sandbox.credentials.client_id,
        "scope": ["rest_webservices"],
        "aud": sandbox.url + TOKEN_PATH,
        "iat": now,
        "exp": now + 300,
    } | changes
    return {name: value for name, value in made.items() if value is not None}


def ask_for_token(
    sandbox: Sandbox, said: Mapping[str, Any] | None = None, *, key: str = "", alg: str = "ES256", kid: str = ""
) -> httpx.Response:
    """The answer of the token endpoint."""
    own = sandbox.credentials
    assertion = jwt.encode(
        dict(said or claims(sandbox)),
        key or own.private_key_pem,
        algorithm=alg,
        headers={"kid": kid or own.certificate_id},
    )
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": assertion,
    }
    return httpx.post(sandbox.url + TOKEN_PATH, data=form)


class Signed(httpx.Auth):
    """Token-based authentication by oauthlib."""

    def __init__(
        self, sandbox: Sandbox, *, method: str = SIGNATURE_HMAC_SHA256, realm: str = "TSTDRV1", **own: str
    ) -> None:
        known = sandbox.credentials
        keys = {
            "client_secret": known.consumer_secret,
            "resource_owner_key": known.token_id,
            "resource_owner_secret": known.token_secret,
        }
        self._client = Client(known.consumer_key, signature_method=method, realm=realm, **(keys | own))

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        _, headers, _ = self._client.sign(str(request.url), http_method=request.method)
        request.headers["Authorization"] = headers["Authorization"]
        yield request


class Visitor:
    """A logged-in visitor. Unknown properties are errors unless a test says otherwise."""

    def __init__(self, sandbox: Sandbox, auth: httpx.Auth | None = None) -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(base_url=sandbox.url, auth=auth, timeout=20)
        if auth is None:
            self.http.headers["Authorization"] = f"Bearer {ask_for_token(sandbox).json()['access_token']}"
        self.http.headers["X-NetSuite-PropertyNameValidation"] = "error"

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A request to the record API."""
        return self.http.request(method, RECORDS + path, **({"json": body} if body is not None else {}), **more)

    def new(self, record_type: str, **body: Any) -> str:
        """Create a record; its internal id."""
        answer = self.send("POST", f"/{record_type}", body)
        assert answer.status_code == 204, answer.text
        return str(answer.headers["Location"].rpartition("/")[2])

    def read(self, path: str) -> dict[str, Any]:
        """A record with everything in it."""
        answer = self.send("GET", f"{path}?expandSubResources=true")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def query(self, q: str, *params: str, limit: int = 1000, offset: int = 0) -> httpx.Response:
        """A SuiteQL query."""
        return self.http.post(
            f"{SUITEQL}?limit={limit}&offset={offset}",
            json={"q": q, "params": list(params)},
            headers={"Prefer": "transient"},
        )

    def rows(self, q: str, *params: str) -> list[dict[str, Any]]:
        """The rows of a query without their links."""
        answer = self.query(q, *params)
        assert answer.status_code == 200, answer.text
        return [{name: value for name, value in row.items() if name != "links"} for row in answer.json()["items"]]


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and words of a refusal."""
    assert answer.headers["Content-Type"].startswith("application/vnd.oracle.resource+json; type=error")
    body = answer.json()
    assert body["status"] == answer.status_code
    (detail,) = body["o:errorDetails"]
    return answer.status_code, detail["o:errorCode"], detail["detail"]
