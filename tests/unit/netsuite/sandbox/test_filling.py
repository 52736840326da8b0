from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.netsuite.sandbox.visitor import Visitor
from workflows_app.management.demo_data import demo_rows
from workflows_app.netsuite.sandbox.filling import NotEmptyError, fill
from workflows_app.netsuite.sandbox.large import large_tables
from workflows_app.netsuite.sandbox.server import Sandbox

MOMENT = datetime(2026, 9, 14, 12, tzinfo=UTC)


@pytest.fixture
def demo(sandbox: Sandbox) -> Sandbox:
    """Filled with the demo company as of MOMENT."""
    fill(sandbox.account.store, dict(demo_rows(MOMENT)), MOMENT)
    return sandbox


def all_rows(visitor: Visitor, select: str, key: str) -> list[dict[str, str]]:
    """Every page by keyset."""
    found: list[dict[str, str]] = []
    while page := visitor.rows(f"{select} AND {key} > ? ORDER BY {key}", found[-1]["key"] if found else "0"):
        found += page
    return found


def test_customers_are_those_of_the_mirror(demo: Sandbox) -> None:
    expected = {
        (
            row["ns_id"],
            row["companyname"],
            row["email"],
            row["phone"],
            row["billing_address"],
            row["shipping_address"],
            float(row["credit_limit"]),
            row["terms_id"],
            row["sales_rep"],
            row["pricing_tier"],
        )
        for row in dict(demo_rows(MOMENT))["customers"]
    }

    rows = Visitor(demo).rows(
        "SELECT id, companyname, email, phone, BUILTIN.DF(defaultbillingaddress) AS billing, "
        "BUILTIN.DF(defaultshippingaddress) AS shipping, creditlimit, terms, salesrep, BUILTIN.DF(pricelevel) AS tier "
        "FROM customer"
    )

    names = ("id", "companyname", "email", "phone", "billing", "shipping")
    assert expected == {
        (
            *(row.get(name) for name in names),
            float(row["creditlimit"]),
            row.get("terms"),
            row.get("salesrep"),
            row["tier"],
        )
        for row in rows
    }


def test_transactions_are_those_of_the_mirror(demo: Sandbox) -> None:
    expected = {
        row["id"]: (
            row["type"],
            row["tranid"],
            row["customer_id"] or row["vendor_id"],
            f"{row['trandate']:%Y-%m-%d}",
            float(row["foreigntotal"]),
            float(row["foreignamountunpaid"]),
        )
        for row in dict(demo_rows(MOMENT))["transactions"]
    }

    rows = all_rows(
        Visitor(demo),
        "SELECT id AS key, type, tranid, entity, TO_CHAR(trandate, 'YYYY-MM-DD') AS day, foreigntotal, "
        "foreignamountunpaid FROM transaction WHERE type <> 'Journal'",
        "id",
    )

    assert expected == {
        row["key"]: (
            row["type"],
            row["tranid"],
            row["entity"],
            row["day"],
            float(row["foreigntotal"]),
            float(row.get("foreignamountunpaid", 0)),
        )
        for row in rows
    }


def test_lines_and_payments_are_those_of_the_mirror(demo: Sandbox) -> None:
    mirror = dict(demo_rows(MOMENT))
    visitor = Visitor(demo)

    lines = all_rows(
        visitor,
        "SELECT uniquekey AS key, transaction, BUILTIN.DF(item) AS code, -quantity AS q, -netamount AS a "
        "FROM transactionline WHERE mainline = 'F'",
        "uniquekey",
    )
    links = visitor.rows("SELECT COUNT(*) AS n, SUM(foreignamount) AS s FROM NextTransactionLineLink")

    assert {(row["key"], row["transaction"], row["code"], float(row["q"]), float(row["a"])) for row in lines} == {
        (row["id"], row["transaction_id"], row["item_code"], float(row["quantity"]), float(row["amount"]))
        for row in mirror["transaction_lines"]
    }
    applied = [float(row["amount"]) for row in mirror["customer_payments"] if row["transaction_id"]]
    assert links[0]["n"] == str(len(applied))
    assert float(links[0]["s"]) == pytest.approx(sum(applied))


def test_moments_are_those_of_the_mirror(demo: Sandbox) -> None:
    mirror = {row["ns_id"]: row["lastmodifieddate"] for row in dict(demo_rows(MOMENT))["customers"]}

    for record in demo.records("customer"):
        if mirror[record["id"]]:
            assert datetime.fromisoformat(record["lastModifiedDate"]) == mirror[record["id"]]


def test_a_new_record_gets_an_id_that_nobody_has(demo: Sandbox) -> None:
    visitor = Visitor(demo)
    taken = {record["id"] for kind in ("customer", "vendor", "employee") for record in demo.records(kind)}

    assert visitor.new("customer", companyName="New") not in taken


def test_it_fills_nothing_twice(demo: Sandbox) -> None:
    with pytest.raises(NotEmptyError):
        fill(demo.account.store, dict(demo_rows(MOMENT)), MOMENT)


def test_a_large_company_is_read_by_pages_of_a_thousand(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        fill(sandbox.account.store, large_tables(MOMENT, customers=300, transactions=2500), MOMENT)
        visitor = Visitor(sandbox)

        rows = all_rows(visitor, "SELECT id AS key FROM transaction WHERE type = 'CustInvc'", "id")
        customers = visitor.rows("SELECT COUNT(*) AS n FROM customer")

    assert len({row["key"] for row in rows}) == len(rows) == 2500
    assert customers == [{"n": "300"}]
