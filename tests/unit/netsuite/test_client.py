"""The client: what it sends, and what it makes of every kind of answer."""

import json
import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.unit.netsuite.accounts import CANARIES, TOKEN_LOGIN, URL, Script, page, refusal
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.errors import (
    BusyError,
    LoginRefusedError,
    NetSuiteError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionRefusedError,
    RefusedError,
    UnreachableError,
)


def done(**headers: str) -> httpx.Response:
    return httpx.Response(204, headers=headers)


def test_an_upsert_is_a_strict_put_by_external_id() -> None:
    script = Script(done(Location=f"{URL}/services/rest/record/v1/customer/647"))

    ns_id = script.client().upsert("customer", "cs-cus-1", {"creditLimit": Decimal("0.10")}, replace=["addressBook"])

    (request,) = script.requests
    assert ns_id == "647"
    assert request.method == "PUT"
    assert str(request.url) == f"{URL}/services/rest/record/v1/customer/eid:cs-cus-1?replace=addressBook"
    assert request.headers["X-NetSuite-PropertyNameValidation"] == "error"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content == b'{"creditLimit":0.1}'


def test_an_upsert_without_a_location_says_nothing() -> None:
    assert Script(done()).client().upsert("customer", "cs-1", {}) == ""


def test_a_created_record_has_the_id_of_its_location() -> None:
    script = Script(done(Location=f"{URL}/services/rest/record/v1/customer/9/"), done())
    client = script.client()

    assert client.create("customer", {"companyName": "A"}) == "9"
    with pytest.raises(OutcomeUnknownError, match="no Location"):
        client.create("customer", {"companyName": "A"})


def test_changes_and_deletions_go_to_the_record() -> None:
    script = Script(done(), done())
    client = script.client()

    client.update("customer", "7", {"email": None}, replace=("item", "addressBook"))
    client.delete("customer", "eid:cs/1 ü")

    patch, delete = script.requests
    assert (patch.method, patch.url.params["replace"], patch.content) == (
        "PATCH",
        "item,addressBook",
        b'{"email":null}',
    )
    assert (delete.method, delete.url.raw_path) == ("DELETE", b"/services/rest/record/v1/customer/eid:cs%2F1%20%C3%BC")


def test_a_record_is_read_with_exact_numbers_and_its_lines() -> None:
    script = Script(httpx.Response(200, text='{"balance": 0.1, "id": "5"}'))

    record = script.client().get("customer", "5", expand=True)

    assert record == {"balance": Decimal("0.1"), "id": "5"}
    assert script.requests[0].url.params["expandSubResources"] == "true"


def test_the_servers_clock_is_a_moment() -> None:
    script = Script(httpx.Response(200, json={"serverTime": "2025-03-26T16:21:00.000Z"}), httpx.Response(200, json={}))
    client = script.client()

    assert client.server_time() == datetime(2025, 3, 26, 16, 21, tzinfo=UTC)
    with pytest.raises(OutcomeUnknownError):
        client.server_time()


def test_a_query_is_transient_and_its_keys_are_lower_case() -> None:
    script = Script(page([{"ID": "1", "companyName": "A", "links": []}], has_more=True))

    found = script.client().query("SELECT id FROM customer WHERE id > ?", [0], limit=1)

    (request,) = script.requests
    assert found.items == [{"id": "1", "companyname": "A"}]
    assert found.has_more
    assert request.headers["Prefer"] == "transient"
    assert dict(request.url.params) == {"limit": "1", "offset": "0"}
    assert json.loads(request.content) == {"q": "SELECT id FROM customer WHERE id > ?", "params": ["0"]}


def test_pages_go_on_by_key_until_there_are_no_more() -> None:
    script = Script(page([{"id": "1"}, {"id": "5"}], has_more=True), page([{"id": "9"}]))

    found = list(script.client().pages("SELECT id FROM t WHERE x >= ? AND id > ? ORDER BY id", params=["d"], size=2))

    assert found == [[{"id": "1"}, {"id": "5"}], [{"id": "9"}]]
    assert [json.loads(one.content)["params"] for one in script.requests] == [["d", "0"], ["d", "5"]]


def test_pages_that_do_not_move_on_end_with_an_error() -> None:
    script = Script(page([{"id": "5"}], has_more=True), page([{"id": "5"}], has_more=True))

    with pytest.raises(OutcomeUnknownError, match="after id 5"):
        list(script.client().pages("SELECT id FROM t WHERE id > ? ORDER BY id"))


_CURRENT_ROLE = "Your current role does not have permission to perform this action."


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(400, "INVALID_CONTENT", "You have entered an Invalid Field Value 9999"), RefusedError),
        (refusal(400, "USER_ERROR", "Please enter value(s) for: First Name, Last Name."), RefusedError),
        (refusal(400, "USER_ERROR", "This entity already exists."), RefusedError),
        (refusal(400, "USER_ERROR", _CURRENT_ROLE), PermissionRefusedError),
        (refusal(403, "INSUFFICIENT_PERMISSION", "No."), PermissionRefusedError),
        (refusal(400, "INVALID_PARAMETER", "Invalid search query"), RefusedError),
        (refusal(400, "SSS_REQUEST_LIMIT_EXCEEDED", "Too many."), BusyError),
        (refusal(404, "NONEXISTENT_ID", "Record does not exist."), NotFoundError),
        (refusal(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded."), BusyError),
        (httpx.Response(503, text="<html>maintenance</html>"), BusyError),
        (refusal(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: x"), OutcomeUnknownError),
        (httpx.Response(502, text="bad gateway"), OutcomeUnknownError),
        (httpx.Response(408), OutcomeUnknownError),
        (httpx.Response(415, text="no"), RefusedError),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), UnreachableError),
        (httpx.Response(202, headers={"Location": f"{URL}/services/rest/async/v1/job/1"}), OutcomeUnknownError),
        (httpx.ConnectError("no"), UnreachableError),
        (httpx.ConnectTimeout("no"), UnreachableError),
        (httpx.ReadTimeout("no"), OutcomeUnknownError),
        (httpx.WriteError("no"), OutcomeUnknownError),
        (httpx.ReadError("reset"), OutcomeUnknownError),
        (httpx.RemoteProtocolError("closed"), OutcomeUnknownError),
    ],
)
def test_every_failure_of_a_write_says_what_to_do_next(
    answer: httpx.Response | Exception, error: type[NetSuiteError]
) -> None:
    with pytest.raises(NetSuiteError) as raised:
        Script(answer).client().upsert("customer", "cs-1", {})
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("answer", "hopeless"),
    [
        (refusal(400, "INVALID_CONTENT", "Invalid Field Value"), True),
        (refusal(400, "INVALID_REQUEST", "Malformed syntax"), True),
        (refusal(400, "USER_ERROR", "Please enter value(s) for: First Name."), False),
    ],
)
def test_wrong_content_is_hopeless(answer: httpx.Response, hopeless: bool) -> None:
    with pytest.raises(RefusedError) as raised:
        Script(answer).client().upsert("customer", "cs-1", {})
    assert raised.value.hopeless is hopeless


def test_netsuites_own_words_are_kept_whole() -> None:
    with pytest.raises(RefusedError) as raised:
        Script(refusal(400, "USER_ERROR", "Please enter value(s) for: First Name.")).client().create("customer", {})

    error = raised.value
    assert error.message == "POST customer: 400 USER_ERROR Please enter value(s) for: First Name."
    assert error.code == "USER_ERROR"
    assert json.loads(error.body)["o:errorDetails"][0]["detail"] == "Please enter value(s) for: First Name."


@pytest.mark.parametrize("text", ['{"id":', "<html>", "[1]", '{"a": NaN}'])
def test_an_answer_that_cannot_be_read_is_no_answer(text: str) -> None:
    with pytest.raises(OutcomeUnknownError, match="cannot be read"):
        Script(httpx.Response(200, text=text)).client().get("customer", "1")


def test_busy_says_how_long_to_wait() -> None:
    with pytest.raises(BusyError) as raised:
        Script(refusal(429, "X", "slow", **{"Retry-After": "7"})).client().get("customer", "1")
    assert raised.value.retry_after == 7.0


def test_a_patient_reading_is_tried_again_with_growing_pauses() -> None:
    pauses: list[float] = []
    script = Script(
        refusal(429, "X", "slow"),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("gone"),
        httpx.Response(200, json={"id": "1"}),
    )
    client = script.client(patience=3, sleep=pauses.append)

    assert client.get("customer", "1") == {"id": "1"}
    assert 0.4 <= pauses[0] < pauses[1] < pauses[2]
    assert (client.calls, client.busy) == (4, 1)


def test_patience_ends() -> None:
    script = Script(*(refusal(429, "X", "slow") for _ in range(3)))

    with pytest.raises(BusyError):
        script.client(patience=2, sleep=lambda seconds: None).get("customer", "1")


@pytest.mark.parametrize("answer", [refusal(429, "X", "slow"), httpx.ReadTimeout("slow"), httpx.ConnectError("x")])
def test_a_write_is_never_tried_again(answer: Any) -> None:
    script = Script(answer)

    with pytest.raises(NetSuiteError):
        script.client(patience=3, sleep=lambda seconds: None).upsert("customer", "cs-1", {})
    assert len(script.requests) == 1


def test_no_cookie_is_ever_sent_back() -> None:
    cookie = {"Set-Cookie": "JSESSIONID=abc; Path=/"}
    script = Script(httpx.Response(200, json={}, headers=cookie), httpx.Response(200, json={}))
    client = script.client()

    client.get("customer", "1")
    client.get("customer", "1")

    assert "Cookie" not in script.requests[1].headers


@pytest.mark.parametrize("record_type", ["", "a/b", "..", "customer?x=1", "{x}"])
def test_a_path_cannot_be_smuggled_into_the_record_type(record_type: str) -> None:
    with pytest.raises(ValueError, match="record type"):
        Script().client().get(record_type, "1")


@pytest.mark.parametrize("login", [None, TOKEN_LOGIN])
def test_secrets_are_in_no_error_no_log_and_no_text(login: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(400, text=str(request.headers.raw) + request.content.decode())

    seen = []
    for answer in (echo, lambda request: httpx.Response(500, text=str(request.headers.raw))):
        script = _Echo(answer)
        client = script.client(login)
        with pytest.raises(NetSuiteError) as raised:
            client.upsert("customer", "cs-1", {})
        seen += [str(raised.value), repr(raised.value), raised.value.body, repr(vars(client)), repr(client)]

    text = "\n".join([*seen, caplog.text])
    assert [canary for canary in CANARIES if canary in text] == []


class _Echo(Script):
    """Answers with what it was sent."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if "oauth2" in str(request.url):
            return super().__call__(request)
        return self._answer(request)


def test_a_refused_login_does_not_show_the_assertion() -> None:
    script = Script(token=lambda request: httpx.Response(400, text=request.content.decode()))

    with pytest.raises(LoginRefusedError) as raised:
        script.client().get("customer", "1")
    assert "eyJ" not in raised.value.body
    assert "eyJ" not in str(raised.value)


def test_a_client_is_closed_at_the_end() -> None:
    with Script(httpx.Response(200, json={})).client() as client:
        client.get("customer", "1")
    with pytest.raises(RuntimeError, match="closed"):
        client.get("customer", "1")
    assert isinstance(client, NetSuite)
