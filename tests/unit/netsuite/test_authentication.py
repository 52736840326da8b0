"""Logging in: assertions that PyJWT verifies, signatures that oauthlib's server side verifies."""

from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import jwt
import pytest
from oauthlib.common import Request
from oauthlib.oauth1.rfc5849 import signature

from tests.unit.netsuite.accounts import (
    TOKEN_LOGIN,
    TOKEN_URL,
    Script,
    account,
    pem,
    private_key,
    refusal,
)
from workflows_app.netsuite.account import CertificateLogin
from workflows_app.netsuite.authentication import TokenCache
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import BusyError, LoginRefusedError, SettingsError, UnreachableError

NOW = 1_780_000_000.0


def fine() -> httpx.Response:
    return httpx.Response(200, json={"id": "1"})


def assertion(request: httpx.Request) -> str:
    form = parse_qs(request.content.decode())
    assert form["grant_type"] == ["client_credentials"]
    assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    return form["client_assertion"][0]


@pytest.mark.parametrize(("kind", "algorithm"), [("ec", "ES256"), ("rsa", "PS256")])
def test_the_token_is_asked_for_with_a_signed_assertion(kind: str, algorithm: str) -> None:
    script = Script(fine())
    login = CertificateLogin(client_id="client-1", certificate_id="cert-1", private_key=pem(kind))

    script.client(login, clock=lambda: NOW).get("customer", "1")

    text = assertion(script.logins[0])
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(
        text, private_key(kind).public_key(), algorithms=[algorithm], audience=TOKEN_URL, options=options
    )
    assert jwt.get_unverified_header(text) == {"typ": "JWT", "alg": algorithm, "kid": "cert-1"}
    assert claims["iss"] == "client-1"
    assert claims["scope"] == ["rest_webservices"]
    assert 0 < claims["exp"] - claims["iat"] < 3600
    assert script.requests[0].headers["Authorization"] == "Bearer canary-bearer-1"


def test_a_token_is_used_for_fifty_minutes_by_every_client_of_the_process() -> None:
    script, tokens, now = Script(*(fine() for _ in range(4))), TokenCache(), [NOW]

    def get() -> None:
        with NetSuite(
            account(), transport=httpx.MockTransport(script), tokens=tokens, clock=lambda: now[0]
        ) as netsuite:
            netsuite.get("customer", "1")

    get()
    now[0] += 49 * 60
    get()
    assert len(script.logins) == 1

    now[0] += 2 * 60
    get()
    assert len(script.logins) == 2
    assert script.requests[-1].headers["Authorization"] == "Bearer canary-bearer-2"


def test_a_short_lived_token_is_renewed_before_it_ends() -> None:
    def token(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": "short", "expires_in": 60})

    script, now = Script(fine(), fine(), token=token), [NOW]
    client = script.client(clock=lambda: now[0])

    client.get("customer", "1")
    now[0] += 55
    client.get("customer", "1")

    assert len(script.logins) == 2


def test_a_401_gets_one_new_token_and_one_more_try() -> None:
    script = Script(refusal(401, "INVALID_LOGIN", "Invalid login attempt."), fine())

    assert script.client().get("customer", "1") == {"id": "1"}
    assert len(script.logins) == 2
    assert script.authorizations == ["Bearer canary-bearer-1", "Bearer canary-bearer-2"]


def test_a_second_401_is_a_refused_login() -> None:
    no = refusal(401, "INVALID_LOGIN", "Invalid login attempt.")
    script = Script(no, refusal(401, "INVALID_LOGIN", "Invalid login attempt."), fine())

    with pytest.raises(LoginRefusedError, match="Invalid login attempt"):
        script.client().get("customer", "1")
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), LoginRefusedError),
        (httpx.Response(401, json={"error": "invalid_client"}), LoginRefusedError),
        (httpx.Response(403, text="no"), LoginRefusedError),
        (httpx.Response(404, text="no"), LoginRefusedError),
        (httpx.Response(429, text="slow"), BusyError),
        (httpx.Response(503, text="later"), BusyError),
        (httpx.Response(500, text="oops"), UnreachableError),
        (httpx.Response(200, text="<html>"), UnreachableError),
        (httpx.Response(200, json={"token": "x"}), UnreachableError),
        (httpx.Response(200, json=["x"]), UnreachableError),
    ],
)
def test_a_login_that_fails_says_that_no_record_was_sent(answer: httpx.Response, error: type[Exception]) -> None:
    script = Script(token=lambda request: answer)

    with pytest.raises(error) as raised:
        script.client().upsert("customer", "cs-1", {})
    assert type(raised.value) is error
    assert script.requests == []


def test_a_login_without_an_answer_says_that_no_record_was_sent() -> None:
    def silence(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("slow", request=request)

    with pytest.raises(UnreachableError, match="logging in"):
        Script(token=silence).client().upsert("customer", "cs-1", {})


def test_a_file_that_holds_no_key_is_refused_with_a_sentence() -> None:
    login = CertificateLogin(client_id="i", certificate_id="k", private_key="canary-no-key")

    with pytest.raises(SettingsError, match="no unencrypted private key") as error:
        Script().client(login).get("customer", "1")
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    ("call", "method"),
    [
        (lambda client: client.get("customer", "eid:cs-cus-1", expand=True), "GET"),
        (lambda client: client.upsert("estimate", "cs-est-1", {"memo": "ü"}, replace=["item", "x"]), "PUT"),
        (lambda client: client.query("SELECT id FROM customer WHERE id > ?", ["0"]), "POST"),
        (lambda client: client._read("GET", "/services/rest/record/v1/customer", params={"q": 'name IS "A B"'}), "GET"),
    ],
)
def test_a_token_request_is_signed_as_netsuite_verifies_it(call: Any, method: str) -> None:
    answer = httpx.Response(200, json={"items": []}, headers={"Location": "/x/1"})
    script = Script(answer)

    call(script.client(TOKEN_LOGIN))

    request = script.requests[0]
    assert request.method == method
    header = request.headers["Authorization"]
    assert header.startswith('OAuth realm="123456_SB1"')
    assert 'oauth_signature_method="HMAC-SHA256"' in header
    assert _verified(request)
    assert not _verified(request, url=f"{request.url}&x=1" if request.url.query else f"{request.url}?x=1")


def _verified(request: httpx.Request, url: str = "") -> bool:
    """Whether oauthlib's server side accepts the signature."""
    uri = url or str(request.url)
    header = {"Authorization": request.headers["Authorization"]}
    parameters = signature.collect_parameters(
        uri_query=httpx.URL(uri).query.decode(), headers=header, exclude_oauth_signature=False, with_realm=False
    )
    given = dict(parameters)
    received = Request(uri, http_method=request.method)
    received.params = [(name, value) for name, value in parameters if name != "oauth_signature"]
    received.signature = unquote(given["oauth_signature"])
    return bool(signature.verify_hmac_sha256(received, TOKEN_LOGIN.consumer_secret, TOKEN_LOGIN.token_secret))


def test_two_signatures_differ() -> None:
    script = Script(fine(), fine())
    client = script.client(TOKEN_LOGIN)

    client.get("customer", "1")
    client.get("customer", "1")

    assert len(set(script.authorizations)) == 2


def test_a_401_of_a_signed_request_is_not_tried_again() -> None:
    script = Script(refusal(401, "INVALID_LOGIN", "Invalid login attempt."))

    with pytest.raises(LoginRefusedError):
        script.client(TOKEN_LOGIN).get("customer", "1")
    assert len(script.requests) == 1
