import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1

from tests.unit.netsuite.sandbox.visitor import TOKEN_PATH, Signed, Visitor, ask_for_token, claims, refusal
from workflows_app.netsuite.sandbox.server import Sandbox

TIME = "/services/rest/system/v1/serverTime"


def pem(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_a_signed_assertion_gives_a_token_of_an_hour(sandbox: Sandbox) -> None:
    answer = ask_for_token(sandbox)

    assert answer.status_code == 200
    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == "3600"


def test_ps256_is_taken_and_rs256_is_not(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    with Sandbox(tmp_path, certificates={"rsa": public}) as sandbox:
        assert ask_for_token(sandbox, key=pem(key), alg="PS256", kid="rsa").status_code == 200
        assert ask_for_token(sandbox, key=pem(key), alg="RS256", kid="rsa").json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody else"},
        {"aud": "https://elsewhere.example/token"},
        {"exp": 1},
        {"exp": int(time.time()) + 9000},
        {"iat": None},
        {"scope": None},
    ],
)
def test_an_assertion_that_says_something_else_is_refused(sandbox: Sandbox, change: dict[str, Any]) -> None:
    answer = ask_for_token(sandbox, claims(sandbox, **change))

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_a_foreign_key_or_an_unknown_certificate_is_refused(sandbox: Sandbox) -> None:
    foreign = pem(ec.generate_private_key(ec.SECP256R1()))

    assert ask_for_token(sandbox, key=foreign).json() == {"error": "invalid_grant"}
    assert ask_for_token(sandbox, kid="unknown").json() == {"error": "invalid_grant"}


def test_a_wrong_scope_or_grant_is_refused(sandbox: Sandbox) -> None:
    assert ask_for_token(sandbox, claims(sandbox, scope=["everything"])).json() == {"error": "invalid_scope"}

    answer = httpx.post(sandbox.url + TOKEN_PATH, data={"grant_type": "password"})
    assert answer.json() == {"error": "unsupported_grant_type"}


def test_without_a_good_token_nothing_is_told(sandbox: Sandbox) -> None:
    for headers in ({}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic YTpi"}):
        status, code, words = refusal(httpx.get(sandbox.url + TIME, headers=headers))

        assert (status, code) == (401, "INVALID_LOGIN")
        assert words.startswith("Invalid login attempt. For more details, see the Login Audit Trail")


def test_a_token_survives_a_restart(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as first:
        token, port = ask_for_token(first).json()["access_token"], first.port

    with Sandbox(tmp_path, port=port) as second:
        answer = httpx.get(second.url + TIME, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/customer/eid:a-1", "/customer?q=companyName IS \"A 'B' C\"&limit=5", "/customer"])
def test_a_signature_covers_method_address_and_query(sandbox: Sandbox, path: str) -> None:
    signed = Visitor(sandbox, Signed(sandbox))
    signed.send("PUT", "/customer/eid:a-1", {"companyName": "A 'B' C"})

    assert signed.send("GET", path).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"method": SIGNATURE_HMAC_SHA1},
        {"realm": "OTHER"},
        {"client_secret": "wrong"},
        {"resource_owner_secret": "wrong"},
        {"resource_owner_key": "wrong"},
    ],
)
def test_a_wrong_signature_is_refused(sandbox: Sandbox, change: dict[str, str]) -> None:
    answer = Visitor(sandbox, Signed(sandbox, **change)).http.get(TIME)

    assert refusal(answer)[:2] == (401, "INVALID_LOGIN")


def test_a_signed_header_is_good_once_and_for_its_request_only(sandbox: Sandbox) -> None:
    visitor = Visitor(sandbox, Signed(sandbox))
    header = {"Authorization": visitor.http.get(TIME).request.headers["Authorization"]}

    assert httpx.get(sandbox.url + TIME, headers=header).status_code == 401
    first = visitor.http.build_request("GET", TIME)
    other = next(Signed(sandbox).auth_flow(first)).headers["Authorization"]
    assert httpx.get(f"{sandbox.url}{TIME}?more=1", headers={"Authorization": other}).status_code == 401
    assert httpx.get(f"{sandbox.url}{TIME}", headers={"Authorization": other}).status_code == 200


def test_no_secret_is_kept_of_what_arrived(sandbox: Sandbox, visitor: Visitor) -> None:
    token = visitor.http.headers["Authorization"]

    visitor.http.get(TIME, headers={"Cookie": "secret=1"})

    told = repr(sandbox.arrived())
    assert token.removeprefix("Bearer ") not in told
    assert "secret=1" not in told
    assert "client_assertion=" not in told
