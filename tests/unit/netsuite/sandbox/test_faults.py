import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.unit.netsuite.sandbox.visitor import RECORDS, Visitor, ask_for_token, refusal
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sandbox.settings import SandboxSettings

NEW = {"companyName": "Ada"}


def wait_until(holds: Callable[[], bool]) -> None:
    """Other threads need a moment; a minute is far too many."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def names(sandbox: Sandbox) -> list[str]:
    return [record["companyName"] for record in sandbox.records("customer")]


@pytest.mark.parametrize(("fault", "saved"), [("commit_then_drop", ["Ada"]), ("drop_before_commit", [])])
def test_a_dropped_connection_gives_no_answer(visitor: Visitor, fault: str, saved: list[str]) -> None:
    visitor.sandbox.plant(fault, method="PUT")

    with pytest.raises(httpx.RemoteProtocolError):
        visitor.send("PUT", "/customer/eid:a", NEW)

    assert names(visitor.sandbox) == saved
    assert visitor.sandbox.arrived("PUT")[0]["status"] is None
    assert visitor.send("PUT", "/customer/eid:a", NEW).status_code == 204


@pytest.mark.parametrize(
    ("fault", "expected", "saved"),
    [
        ("error_before_commit", (500, "UNEXPECTED_ERROR"), []),
        ("error_after_commit", (500, "UNEXPECTED_ERROR"), ["Ada"]),
        ("too_many", (429, "CONCURRENCY_LIMIT_EXCEEDED"), []),
        ("unauthorized", (401, "INVALID_LOGIN"), []),
        ("expired_token", (401, "INVALID_LOGIN"), []),
    ],
)
def test_planted_refusals(visitor: Visitor, fault: str, expected: tuple[int, str], saved: list[str]) -> None:
    visitor.sandbox.plant(fault)

    answer = visitor.send("PUT", "/customer/eid:a", NEW)

    assert refusal(answer)[:2] == expected
    assert names(visitor.sandbox) == saved


def test_after_an_expired_token_only_a_new_one_helps(visitor: Visitor) -> None:
    visitor.sandbox.plant("expired_token", path="*/customer/*")
    visitor.send("GET", "/customer/1")

    assert visitor.send("GET", "/customer").status_code == 401
    token = ask_for_token(visitor.sandbox).json()["access_token"]
    assert visitor.send("GET", "/customer", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_malformed_json_comes_after_the_change(visitor: Visitor) -> None:
    visitor.sandbox.plant("malformed_json")

    answer = visitor.send("POST", "/customer", NEW)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()
    assert names(visitor.sandbox) == ["Ada"]


def test_accepted_promises_and_does_nothing(visitor: Visitor) -> None:
    visitor.sandbox.plant("accepted")

    assert visitor.send("PUT", "/customer/eid:a", NEW).status_code == 202
    assert names(visitor.sandbox) == []


def test_a_delay_answers_late_and_a_late_commit_saves_late(visitor: Visitor) -> None:
    visitor.sandbox.plant("delay", seconds=0.6, path="*eid:a")
    visitor.sandbox.plant("late_commit", seconds=0.6, path="*eid:b")

    for key in ("a", "b"):
        with pytest.raises(httpx.ReadTimeout):
            visitor.send("PUT", f"/customer/eid:{key}", {"companyName": key}, timeout=0.2)
        early = names(visitor.sandbox)
        assert early == ["a"]
    wait_until(lambda: names(visitor.sandbox) == ["a", "b"])


def test_a_rule_fits_method_path_and_type_and_is_used_up(visitor: Visitor) -> None:
    visitor.sandbox.plant("too_many", method="PUT", record_type="customer", times=2)

    statuses = [visitor.send("PUT", "/customer/eid:a", NEW).status_code for _ in range(3)]

    assert statuses == [429, 429, 204]
    assert visitor.send("PUT", "/term/eid:t", {"name": "T"}).status_code == 204


def test_a_rule_can_let_the_first_ones_through(visitor: Visitor) -> None:
    visitor.sandbox.plant("error_before_commit", method="GET", skip=1)

    assert [visitor.send("GET", "/customer").status_code for _ in range(3)] == [200, 500, 200]


def test_faults_are_planted_over_http_too(visitor: Visitor) -> None:
    http = httpx.Client(base_url=visitor.sandbox.url)

    planted = http.post("/sandbox/faults", json={"fault": "too_many", "times": 2}).json()
    wrong = [
        http.post("/sandbox/faults", json=rule) for rule in ({"fault": "fire"}, {"fault": "delay", "colour": "red"})
    ]

    assert planted[0]["times"] == 2
    assert [answer.status_code for answer in wrong] == [400, 400]
    assert visitor.send("GET", "/customer").status_code == 429
    http.delete("/sandbox/faults")
    assert visitor.send("GET", "/customer").status_code == 200
    assert [one["status"] for one in http.get("/sandbox/arrived").json()][-2:] == [429, 200]


def test_records_and_reset_over_http(visitor: Visitor) -> None:
    visitor.new("customer", companyName="Ada")
    http = httpx.Client(base_url=visitor.sandbox.url)

    before = http.get("/sandbox/records/customer").json()
    http.post("/sandbox/reset")

    assert [record["companyName"] for record in before] == ["Ada"]
    assert http.get("/sandbox/records/customer").json() == []
    assert visitor.send("POST", "/customer", NEW).status_code == 204


def test_another_host_name_is_refused(sandbox: Sandbox) -> None:
    answer = httpx.get(sandbox.url + "/sandbox/records/customer", headers={"Host": "rebound.example"})

    assert answer.status_code == 403


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody whose account may have two requests under way."""
    with Sandbox(tmp_path, settings=SandboxSettings(concurrency=2)) as sandbox:
        yield Visitor(sandbox)


def test_more_requests_at_a_time_than_allowed_are_blocked(busy: Visitor) -> None:
    busy.sandbox.plant("delay", method="GET", path="*/slow", seconds=1.0, times=2)
    waiting = [threading.Thread(target=busy.send, args=("GET", "/customer/slow")) for _ in range(2)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: busy.sandbox.account.governance.most == 2)

    answer = busy.send("GET", "/customer")

    assert refusal(answer) == (
        429,
        "CONCURRENCY_LIMIT_EXCEEDED",
        "Concurrent request limit exceeded. Request blocked.",
    )
    assert answer.json()["o:errorCode"] == "USER_ERROR"
    for thread in waiting:
        thread.join()
    assert busy.send("GET", "/customer").status_code == 200
    assert busy.sandbox.account.governance.most == 2


def test_many_writers_at_once_lose_nothing(busy: Visitor) -> None:
    def write(number: int) -> None:
        body = {"companyName": f"C{number}"}
        wait_until(lambda: busy.send("PUT", f"/customer/eid:c-{number}", body).status_code == 204)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(names(busy.sandbox)) == sorted(f"C{number}" for number in range(12))


def test_what_arrived_can_be_read(visitor: Visitor) -> None:
    visitor.send("PUT", "/customer/eid:a?replace=addressBook", NEW)

    (only,) = visitor.sandbox.arrived("PUT", "/customer")
    assert (only["path"], only["query"]) == (f"{RECORDS}/customer/eid:a", "replace=addressBook")
    assert (only["body"], only["status"]) == (NEW, 204)
    assert only["headers"]["Authorization"] == "(hidden)"
