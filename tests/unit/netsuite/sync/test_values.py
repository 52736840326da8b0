"""NetSuite's texts become our values: exact, to the cent, and never silently something else."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.models import Customer
from workflows_app.netsuite.sync.declarations import lines, payments
from workflows_app.netsuite.sync.declarations.transactions import COLUMNS
from workflows_app.netsuite.sync.values import (
    Reading,
    UnreadableError,
    day,
    filled_text,
    flag,
    moment,
    money,
    optional_money,
    reference,
    size,
    text,
    whole,
)
from workflows_app.netsuite.sync.zone import AccountZone

READING = Reading(
    zone=AccountZone(ZoneInfo("America/New_York")),
    now=datetime(2026, 9, 14, 12, tzinfo=UTC),
    known={Customer: {"647": "cs-cus-1"}},
)
cents = st.decimals(-(10**11), 10**11, places=2, allow_nan=False, allow_infinity=False)


@given(cents)
def test_an_amount_arrives_to_the_cent(amount: Decimal) -> None:
    record = {"id": "1", "x": str(amount)}

    assert money("x")(record, READING) == amount
    assert size("x")(record, READING) == abs(amount)
    assert str(money("x")(record, READING)) != "-0.00"


@given(st.text(st.characters(exclude_categories=["Nd", "Cs"]), min_size=1))
def test_what_is_no_number_is_refused(words: str) -> None:
    with pytest.raises(UnreadableError, match=r"record 7: x .* is no number"):
        money("x")({"id": "7", "x": words}, READING)


@given(cents)
def test_a_line_of_a_sale_is_positive_and_a_line_of_a_bill_stays_as_it_is(amount: Decimal) -> None:
    record = {"id": "9", "line": "1", "quantity": str(amount), "foreignamount": str(amount), "item": "5", "itemid": "A"}

    sale, bill = (lines.row(record, kind, "1", READING) for kind in ("CustInvc", "VendBill"))

    assert (sale["quantity"], sale["amount"]) == (-amount, -amount)
    assert (bill["quantity"], bill["amount"]) == (amount, amount)


@given(st.lists(st.tuples(st.sampled_from("123"), cents), max_size=8), cents)
def test_what_a_payment_is_applied_to_and_the_rest_add_up(links: list[tuple[str, Decimal]], rest: Decimal) -> None:
    found = payments.applied({"id": "8", "invoice": one, "foreignamount": str(amount)} for one, amount in links)
    payment = {"id": "8", "entity": "647", "trandate": "2026-09-14", "foreignpaymentamountunused": str(rest)}

    rows = list(payments.rows(payment, found.get("8", {}), "8", READING))

    assert sum(row["amount"] for row in rows) == abs(rest) + sum(abs(amount) for _, amount in links)
    assert (
        len({(row["payment_id"], row["transaction_id"]) for row in rows})
        == len({row["id"] for row in rows})
        == len(rows)
    )
    assert {row["customer_id"] for row in rows} <= {"cs-cus-1"}


def test_an_empty_column_is_null_or_its_zero() -> None:
    nothing = {"id": "1"}

    made = [
        make("x")(nothing, READING) for make in (text, filled_text, day, moment, money, optional_money, whole, flag)
    ]

    assert made == [None, "", None, None, Decimal(0), None, 0, False]
    assert reference("x", Customer)(nothing, READING) is None


def test_a_reference_is_our_id_where_we_have_the_row() -> None:
    refer = reference("entity", Customer)

    assert [refer({"entity": one}, READING) for one in ("647", "648")] == ["cs-cus-1", "648"]


def test_days_and_moments() -> None:
    record = {"id": "1", "d": "2026-09-14", "m": "2026-09-14 20:00:00"}

    assert day("d")(record, READING) == date(2026, 9, 14)
    assert moment("m")(record, READING) == datetime(2026, 9, 15, 0, 0, tzinfo=UTC)
    for column in ("d", "m"):
        make = day if column == "m" else moment
        with pytest.raises(UnreadableError):
            make(column)(record, READING)


@pytest.mark.parametrize(
    ("shown", "ours"), [("Invoice : Paid In Full", "Paid In Full"), ("Open", "Open"), ("Bill : A : B", "B")]
)
def test_the_status_is_the_label_without_the_type(shown: str, ours: str) -> None:
    assert COLUMNS["status"]({"status": shown}, READING) == ours
