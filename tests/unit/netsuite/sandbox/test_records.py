from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.netsuite.sandbox.visitor import Visitor, refusal
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sandbox.settings import SandboxSettings

LENIENT = {"X-NetSuite-PropertyNameValidation": "ignore"}


def test_creating_answers_nothing_but_where_it_is(visitor: Visitor) -> None:
    answer = visitor.send("POST", "/customer", {"companyName": "Ada", "creditLimit": 12.5})

    assert (answer.status_code, answer.content) == (204, b"")
    found = visitor.http.get(answer.headers["Location"])
    assert found.headers["Content-Type"] == "application/vnd.oracle.resource+json; type=singular"
    assert (found.json()["companyName"], found.json()["creditLimit"]) == ("Ada", 12.5)


def test_put_by_external_id_creates_then_changes_and_looks_alike(visitor: Visitor) -> None:
    first = visitor.send("PUT", "/customer/eid:cs-cus-1", {"companyName": "Ada", "phone": "1"})
    second = visitor.send("PUT", "/customer/eid:cs-cus-1", {"companyName": "Ada B"})

    assert (first.status_code, second.status_code) == (204, 204)
    assert first.headers["Location"] == second.headers["Location"]
    (only,) = visitor.sandbox.records("customer")
    assert (only["companyName"], only["phone"], only["externalId"]) == ("Ada B", "1", "cs-cus-1")


def test_posting_twice_makes_two(visitor: Visitor) -> None:
    visitor.new("customer", companyName="Ada")
    visitor.new("customer", companyName="Ada")

    assert len(visitor.sandbox.records("customer")) == 2


def test_put_needs_an_external_id(visitor: Visitor) -> None:
    key = visitor.new("customer", companyName="Ada")

    assert refusal(visitor.send("PUT", f"/customer/{key}", {"phone": "1"}))[:2] == (400, "INVALID_REQUEST")


def test_patch_leaves_what_it_does_not_name_and_clears_null(visitor: Visitor) -> None:
    key = visitor.new("customer", companyName="Ada", email="a@example.com", phone="1")

    assert visitor.send("PATCH", f"/customer/{key}", {"phone": None}).status_code == 204

    found = visitor.read(f"/customer/{key}")
    assert found["email"] == "a@example.com"
    assert "phone" not in found


def test_external_ids_ignore_case_and_are_unique_in_their_group(visitor: Visitor) -> None:
    visitor.send("PUT", "/customer/eid:Same-1", {"companyName": "Ada"})

    assert visitor.read("/customer/eid:sAME-1")["companyName"] == "Ada"
    assert refusal(visitor.send("PUT", "/vendor/eid:same-1", {"companyName": "V"}))[1] == "USER_ERROR"
    assert refusal(visitor.send("POST", "/customer", {"companyName": "B", "externalId": "SAME-1"}))[1] == "USER_ERROR"
    assert visitor.send("PUT", "/term/eid:same-1", {"name": "Net 1"}).status_code == 204


def test_an_external_id_with_other_characters_is_refused(visitor: Visitor) -> None:
    assert refusal(visitor.send("PUT", "/customer/eid:a|b", {"companyName": "A"}))[:2] == (400, "INVALID_CONTENT")


def test_what_is_not_there_does_not_exist(visitor: Visitor) -> None:
    for path in ("/customer/99999", "/customer/eid:none", "/customer/abc"):
        assert refusal(visitor.send("GET", path)) == (404, "NONEXISTENT_ID", "Record does not exist.")


@pytest.mark.parametrize("body", [{"terms": {"id": "9" * 40}}, {"daysUntilNetDue": 10**30}])
def test_numbers_that_no_record_can_have_are_refused(visitor: Visitor, body: dict[str, object]) -> None:
    record_type = "customer" if "terms" in body else "term"

    answer = visitor.send("POST", f"/{record_type}", {"companyName": "A", "name": "A", **body}, headers=LENIENT)

    assert refusal(answer)[:2] == (400, "INVALID_CONTENT")
    assert visitor.send("GET", f"/customer/{'9' * 40}").status_code == 404


def test_what_others_refer_to_cannot_be_deleted(visitor: Visitor) -> None:
    term = visitor.new("term", name="Net 30")
    key = visitor.new("customer", companyName="A", terms={"id": term})

    assert refusal(visitor.send("DELETE", f"/term/{term}"))[2].endswith("because it has dependent records.")

    visitor.send("DELETE", f"/customer/{key}")
    assert visitor.send("DELETE", f"/term/{term}").status_code == 204


def test_deleting_frees_the_external_id_but_not_the_internal_one(visitor: Visitor) -> None:
    first = visitor.send("PUT", "/customer/eid:a", {"companyName": "A"}).headers["Location"]

    assert visitor.send("DELETE", "/customer/eid:a").status_code == 204
    again = visitor.send("PUT", "/customer/eid:a", {"companyName": "A"}).headers["Location"]

    assert again != first


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "Company Name"),
        ({"isPerson": True}, "First Name, Last Name"),
        ({"companyName": ""}, "Company Name"),
    ],
)
def test_mandatory_fields_are_named(visitor: Visitor, body: dict[str, object], words: str) -> None:
    expected = f"Error while accessing a resource. Please enter value(s) for: {words}."

    assert refusal(visitor.send("POST", "/customer", body)) == (400, "USER_ERROR", expected)


@pytest.mark.parametrize(
    ("body", "value", "field"),
    [
        ({"terms": {"id": "9999"}}, "9999", "terms"),
        ({"terms": "Net 30"}, "Net 30", "terms"),
        ({"creditLimit": "12.50"}, "12.50", "creditlimit"),
        ({"isInactive": "T"}, "T", "isinactive"),
        ({"phone": 5}, "5", "phone"),
        ({"creditHoldOverride": {"id": "MAYBE"}}, "MAYBE", "creditholdoverride"),
    ],
)
def test_a_wrong_value_is_refused_in_the_documented_words(
    visitor: Visitor, body: dict[str, object], value: str, field: str
) -> None:
    words = "Error while accessing resource: You have entered an Invalid Field Value "

    found = refusal(visitor.send("POST", "/customer", {"companyName": "A", **body}))

    assert found == (400, "INVALID_CONTENT", f"{words}{value} for the following field: {field}")


def test_an_unknown_property_is_dropped_unless_the_header_says_error(visitor: Visitor) -> None:
    body = {"companyName": "A", "shoeSize": 43}
    header = "X-NetSuite-PropertyNameValidation"

    warned = visitor.send("POST", "/customer", body, headers={header: "warning"})
    ignored = visitor.send("POST", "/customer", body, headers={header: "ignore"})
    refused = visitor.send("POST", "/customer", body, headers={header: "error"})

    assert "shoeSize" in warned.headers["X-NetSuite-Warning"]
    assert "X-NetSuite-Warning" not in ignored.headers
    assert refused.json()["o:errorDetails"][0]["o:errorPath"] == "shoeSize"
    assert len(visitor.sandbox.records("customer")) == 2


def test_another_content_type_and_broken_json_are_refused(visitor: Visitor) -> None:
    text = visitor.send("POST", "/customer", content=b'{"companyName": "A"}', headers={"Content-Type": "text/plain"})
    broken = visitor.send("POST", "/customer", content=b"{", headers={"Content-Type": "application/json"})

    assert text.status_code == 415
    assert refusal(broken)[:2] == (400, "INVALID_REQUEST")


def test_fields_narrows_and_sublists_are_links_unless_expanded(visitor: Visitor) -> None:
    key = visitor.new("customer", companyName="A", email="a@example.com", addressBook={"items": [{"label": "Home"}]})

    narrow = visitor.send("GET", f"/customer/{key}?fields=email").json()
    plain = visitor.send("GET", f"/customer/{key}").json()
    lines = visitor.send("GET", f"/customer/{key}/addressBook").json()

    assert set(narrow) == {"links", "id", "email"}
    assert set(plain["addressBook"]) == {"links"}
    assert [line["label"] for line in visitor.read(f"/customer/{key}")["addressBook"]["items"]] == ["Home"]
    assert [line["label"] for line in lines["items"]] == ["Home"]
    assert refusal(visitor.send("GET", f"/customer/{key}?fields=nonsense"))[1] == "INVALID_PARAMETER"


def test_a_reference_comes_back_with_its_name(visitor: Visitor) -> None:
    term = visitor.new("term", name="Net 30", daysUntilNetDue=30)
    rep = visitor.new("employee", firstName="Ana", lastName="Beltrán", isSalesRep=True)
    key = visitor.new("customer", companyName="A", terms={"id": term}, salesRep={"id": rep})

    found = visitor.read(f"/customer/{key}")

    assert (found["terms"]["id"], found["terms"]["refName"]) == (term, "Net 30")
    assert found["salesRep"]["refName"] == "Ana Beltrán"
    assert visitor.http.get(found["terms"]["links"][0]["href"]).json()["daysUntilNetDue"] == 30


def test_the_moment_of_the_last_change_is_the_servers_own(tmp_path: Path) -> None:
    moment = datetime.now(UTC)
    clock = [moment]
    with Sandbox(tmp_path, clock=lambda: clock[0]) as sandbox:
        visitor = Visitor(sandbox)
        key = visitor.new("customer", companyName="A", lastModifiedDate="2001-01-01T00:00:00Z")
        before = visitor.read(f"/customer/{key}")["lastModifiedDate"]
        clock[0] = moment + timedelta(seconds=90)

        visitor.send("PATCH", f"/customer/{key}", {"phone": "1"})

        assert before == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert visitor.read(f"/customer/{key}")["lastModifiedDate"] == clock[0].strftime("%Y-%m-%dT%H:%M:%SZ")


def test_without_auto_numbering_a_second_one_of_the_same_name_already_exists(tmp_path: Path) -> None:
    with Sandbox(tmp_path, settings=SandboxSettings(auto_numbering=False)) as sandbox:
        visitor = Visitor(sandbox)
        visitor.new("customer", companyName="Ada")

        found = refusal(visitor.send("POST", "/customer", {"companyName": "ADA"}))

    assert found == (400, "USER_ERROR", "Error while accessing a resource. This entity already exists.")


def test_records_survive_a_restart_and_ids_go_on(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as first:
        key = Visitor(first).new("customer", companyName="A")

    with Sandbox(tmp_path) as second:
        visitor = Visitor(second)
        assert visitor.read(f"/customer/{key}")["companyName"] == "A"
        assert int(visitor.new("customer", companyName="B")) > int(key)


def test_server_time_is_utc(visitor: Visitor) -> None:
    told = visitor.http.get("/services/rest/system/v1/serverTime").json()["serverTime"]

    assert abs(datetime.fromisoformat(told) - datetime.now(UTC)) < timedelta(seconds=10)
    assert told.endswith(".000Z")
