"""Current rows as the data that effects carry."""

from typing import Any

import pytest

from approvals.canonical import canonical, parse
from tests.integration.reading.world import NOW
from workflows_app.models import InboundEmail
from workflows_app.reading.rows import matching

pytestmark = pytest.mark.usefixtures("rows")


def test_a_row_is_all_its_columns_as_json_ready_data() -> None:
    (row,) = matching("quotes", {"id": "q1"})

    assert row == {
        "id": "q1",
        "ns_id": None,
        "revision": 1,
        "customer_id": "1",
        "school_year": "2026-27",
        "catalog": None,
        "lifecycle_status": "sent",
        "total": "1.00",
        "valid_until": "2026-06-01",
        "pdf_key": None,
        "generated_at": "2026-03-01T00:00:00Z",
        "lastmodifieddate": None,
    }
    assert parse(canonical(row)) == row


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"entitystatus": "active"}, ["1", "3", "5", "a"]),
        ({"id": ["a", "B", "nobody"]}, ["B", "a"]),
        ({"id": []}, []),
        ({"email": None}, ["2"]),
        ({"credit_limit": "100.10", "entitystatus": "active"}, ["1"]),
        ({"created_at": "2026-03-31T12:00:00.250000Z", "id": "1"}, ["1"]),
        ({"companyname": "100%"}, []),
    ],
)
def test_rows_match_all_columns_and_come_by_primary_key(where: dict[str, Any], ids: list[str]) -> None:
    assert [row["id"] for row in matching("customers", where)] == ids


def test_columns_are_named_as_in_the_database() -> None:
    InboundEmail.objects.create(uuid="u1", message_id="m1", sender="x@example.com", received_at=NOW)

    (row,) = matching("inbound_emails", {"from": "x@example.com"})

    assert row["from"] == "x@example.com"


@pytest.mark.parametrize(
    ("table", "where"), [("auth_user", {}), ("customers", {"nope": 1}), ("customers", {"id__gt": 1})]
)
def test_an_unknown_table_or_column_is_an_error(table: str, where: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        matching(table, where)
