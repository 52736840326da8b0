from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.netsuite.sandbox.company import company
from tests.unit.netsuite.sandbox.visitor import SUITEQL, Visitor, refusal
from workflows_app.netsuite.sandbox.server import Sandbox

FORMAT = "'YYYY-MM-DD HH24:MI:SS'"


def invoiced(visitor: Visitor) -> tuple[str, str, str]:
    """Customer, invoice, payment."""
    known = company(visitor)
    key = visitor.new("invoice", entity={"id": known.customer}, item=known.lines(10, 2), tranDate="2026-01-31")
    applied = {"items": [{"doc": {"id": key}, "apply": True, "amount": 100}]}
    payment = visitor.new("customerPayment", customer={"id": known.customer}, payment=120, apply=applied)
    return known.customer, key, payment


def test_it_needs_prefer_transient(visitor: Visitor) -> None:
    answer = visitor.http.post(SUITEQL, json={"q": "SELECT id FROM customer"})

    assert refusal(answer)[:2] == (400, "INVALID_REQUEST")
    assert answer.json()["o:errorDetails"][0]["o:errorHeader"] == "Prefer"


def test_every_value_is_a_text_and_nothing_is_left_out(visitor: Visitor) -> None:
    key = visitor.new("customer", companyName="Ada", creditLimit=1200.5, isInactive=True)

    (row,) = visitor.rows("SELECT ID, CompanyName, creditlimit, isinactive, phone FROM Customer")

    assert row == {"id": key, "companyname": "Ada", "creditlimit": "1200.5", "isinactive": "T"}


def test_pages_have_an_envelope_with_links(visitor: Visitor) -> None:
    for number in range(5):
        visitor.new("customer", companyName=f"C{number}")

    page = visitor.query("SELECT id FROM customer ORDER BY id", limit=2, offset=2).json()

    assert (page["count"], page["offset"], page["totalResults"], page["hasMore"]) == (2, 2, 5, True)
    links = {link["rel"]: link["href"].rpartition("?")[2] for link in page["links"]}
    assert links == {
        "self": "limit=2&offset=2",
        "first": "limit=2&offset=0",
        "last": "limit=2&offset=4",
        "previous": "limit=2&offset=0",
        "next": "limit=2&offset=4",
    }


def test_the_offset_has_to_be_a_multiple_of_the_limit(visitor: Visitor) -> None:
    answer = visitor.query("SELECT id FROM customer", limit=2, offset=3)

    assert refusal(answer)[:2] == (400, "INVALID_PARAMETER")
    assert visitor.query("SELECT id FROM customer", limit=1001).status_code == 400


def test_keyset_paging_takes_the_id_as_a_text(visitor: Visitor) -> None:
    keys = [visitor.new("customer", companyName=f"C{number}") for number in range(12)]

    found = visitor.rows("SELECT id FROM customer WHERE id > ? ORDER BY id", keys[8])

    assert [row["id"] for row in found] == keys[9:]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT balance FROM customer", "Field 'balance' for record 'customer' was not found"),
        ("SELECT total FROM transaction", "Field 'total' for record 'transaction' was not found"),
        ("SELECT t.x FROM transaction t", "Field 'x' for record 'transaction' was not found"),
        ("SELECT id FROM nothing", "Record 'nothing' was not found"),
        ("SELECT id FROM customer LIMIT 5", "Syntax error near LIMIT"),
        ("SELECT [id] FROM customer", "Syntax error near ["),
        ("SELECT id FROM customer WHERE lastmodifieddate > '2026-01-01'", "Invalid date"),
        ("SELECT id FROM customer WHERE lastmodifieddate > TO_DATE('2026', 'QQQ')", "Search error occurred"),
        ("DELETE FROM customer", "Only one SELECT"),
        ("SELECT id FROM customer; SELECT id FROM item", "Only one SELECT"),
        ("SELECT id FROM external_id", "Record 'external_id' was not found"),
        ("SELECT lastmodified_utc FROM customer", "Field 'lastmodified_utc'"),
        ("SELECT FROM", "Invalid search query"),
        ("SELECT randomblob(1000000000) FROM customer", "Unknown function randomblob"),
        ("SELECT BUILTIN.CF(status) FROM transaction", "Unknown function"),
        ("SELECT c.id FROM customer c, transaction t WHERE t.entity(+) = c.id", "(+)"),
    ],
)
def test_what_suiteql_does_not_know_is_refused(visitor: Visitor, query: str, words: str) -> None:
    visitor.new("customer", companyName="A")

    status, code, told = refusal(visitor.query(query))

    assert (status, code) == (400, "INVALID_PARAMETER")
    assert words in told


def test_parameters_are_counted(visitor: Visitor) -> None:
    assert visitor.query("SELECT id FROM customer WHERE id > ?").status_code == 400
    assert visitor.query("SELECT id FROM customer", "1").status_code == 400


def test_labels_and_formats(visitor: Visitor) -> None:
    _, key, _ = invoiced(visitor)

    (row,) = visitor.rows(
        "SELECT trandate, TO_CHAR(trandate, 'YYYY-MM-DD') AS day, BUILTIN.DF(status) AS status, "
        "BUILTIN.DF(entity) AS who, type, foreigntotal, foreignamountunpaid FROM transaction WHERE id = ?",
        key,
    )

    assert row == {
        "trandate": "1/31/2026",
        "day": "2026-01-31",
        "status": "Invoice : Open",
        "who": "Ada",
        "type": "CustInvc",
        "foreigntotal": "126",
        "foreignamountunpaid": "26",
    }


def test_lines_of_sales_are_negative_and_the_main_line_is_the_total(visitor: Visitor) -> None:
    _, key, _ = invoiced(visitor)

    found = visitor.rows(
        "SELECT l.id, l.mainline, l.quantity, l.rate, l.netamount, BUILTIN.DF(l.item) AS item FROM transactionline l "
        "JOIN transaction t ON t.id = l.transaction WHERE t.id = ? ORDER BY l.id",
        key,
    )

    assert found == [
        {"id": "0", "mainline": "T", "netamount": "126"},
        {"id": "1", "mainline": "F", "quantity": "-10", "rate": "10.5", "netamount": "-105", "item": "RICE"},
        {"id": "2", "mainline": "F", "quantity": "-2", "rate": "10.5", "netamount": "-21", "item": "RICE"},
    ]


@pytest.mark.parametrize("table", ["NextTransactionLineLink", "PreviousTransactionLineLink"])
def test_a_payment_is_linked_to_its_invoice(visitor: Visitor, table: str) -> None:
    _, key, payment = invoiced(visitor)

    found = visitor.rows(f"SELECT previousdoc, nextdoc, linktype, previoustype, nexttype, foreignamount FROM {table}")

    assert found == [
        {
            "previousdoc": key,
            "nextdoc": payment,
            "linktype": "Payment",
            "previoustype": "CustInvc",
            "nexttype": "CustPymt",
            "foreignamount": "100",
        }
    ]
    (used,) = visitor.rows("SELECT foreignpaymentamountunused AS rest FROM transaction WHERE id = ?", payment)
    assert used == {"rest": "20"}


def test_moments_are_those_of_the_accounts_zone(tmp_path: Path) -> None:
    clock = [datetime.now(UTC)]
    with Sandbox(tmp_path, clock=lambda: clock[0]) as sandbox:
        visitor = Visitor(sandbox)
        clock[0] = datetime(2026, 7, 1, 3, 30, tzinfo=UTC)  # still the evening of June in New York
        visitor.new("customer", companyName="A")
        after = f"SELECT id FROM customer WHERE lastmodifieddate >= TO_DATE(?, {FORMAT})"

        (row,) = visitor.rows(f"SELECT lastmodifieddate, TO_CHAR(lastmodifieddate, {FORMAT}) AS lm FROM customer")

        assert row == {"lastmodifieddate": "6/30/2026", "lm": "2026-06-30 23:30:00"}
        assert len(visitor.rows(after, "2026-06-30 23:30:00")) == 1
        assert visitor.rows(after, "2026-06-30 23:30:01") == []


def test_a_deleted_record_is_in_deletedrecord(visitor: Visitor) -> None:
    key = visitor.new("customer", companyName="Ada")
    visitor.send("DELETE", f"/customer/{key}")

    (row,) = visitor.rows("SELECT recordid, recordtypeid, type, name FROM deletedrecord")

    assert row == {"recordid": key, "recordtypeid": "-2", "type": "customer", "name": "Ada"}


def test_addresses_can_be_read(visitor: Visitor) -> None:
    address = {"override": True, "addrText": "1 Road"}
    book = {"items": [{"defaultBilling": True, "label": "Billing", "addressBookAddress": address}]}
    key = visitor.new("customer", companyName="A", addressBook=book)

    (own,) = visitor.rows("SELECT BUILTIN.DF(defaultbillingaddress) AS billing FROM customer")
    (joined,) = visitor.rows(
        "SELECT b.entity, a.addrtext FROM customerAddressbook b "
        "JOIN customerAddressbookEntityAddress a ON a.nkey = b.addressbookaddress"
    )

    assert own == {"billing": "1 Road"}
    assert joined == {"entity": key, "addrtext": "1 Road"}


def test_items_prices_terms_and_vendors_can_be_read(visitor: Visitor) -> None:
    vendor = visitor.new("vendor", companyName="Mill")
    supply = {"items": [{"vendor": {"id": vendor}, "preferredVendor": True, "purchasePrice": 3}]}
    price = {"items": [{"priceLevel": {"id": "1"}, "price": 4.75}]}
    key = visitor.new("inventoryItem", itemId="RICE", custitem_pack_size="25 lb", price=price, itemVendor=supply)

    found = visitor.rows(
        "SELECT i.id, i.custitem_pack_size, p.price, p.pricelevelname, v.vendor, v.purchaseprice FROM item i "
        "LEFT JOIN itemPrice p ON p.item = i.id LEFT JOIN itemVendor v ON v.item = i.id AND v.preferredvendor = 'T'"
    )

    assert found == [
        {
            "id": key,
            "custitem_pack_size": "25 lb",
            "price": "4.75",
            "pricelevelname": "Base Price",
            "vendor": vendor,
            "purchaseprice": "3",
        }
    ]


def test_like_minds_the_case_and_expressions_have_names(visitor: Visitor) -> None:
    visitor.new("customer", companyName="Ada")

    assert visitor.rows("SELECT COUNT(*) FROM customer WHERE companyname LIKE 'ada%'") == [{"expr1": "0"}]
    assert visitor.rows("SELECT COUNT(*) FROM customer WHERE UPPER(companyname) LIKE 'ADA%'") == [{"expr1": "1"}]
    assert visitor.rows("SELECT x FROM (SELECT companyname AS x FROM customer) WHERE x > 'A'") == [{"x": "Ada"}]


def test_totals_groups_and_subqueries(visitor: Visitor) -> None:
    customer, _, _ = invoiced(visitor)

    groups = visitor.rows(
        "SELECT type, COUNT(*) AS n, SUM(foreigntotal) AS s FROM transaction GROUP BY type ORDER BY type"
    )
    who = visitor.rows(
        "SELECT id FROM customer WHERE id IN (SELECT entity FROM transaction WHERE type = 'CustInvc' "
        "AND foreignamountunpaid > 0) AND ROWNUM <= 5"
    )
    today = visitor.rows("SELECT TO_CHAR(SYSDATE - 1, 'YYYY') AS y, SYSDATE - SYSDATE AS zero FROM dual")

    assert groups == [{"type": "CustInvc", "n": "1", "s": "126"}, {"type": "CustPymt", "n": "1", "s": "120"}]
    assert who == [{"id": customer}]
    assert today[0]["zero"] == "0"
