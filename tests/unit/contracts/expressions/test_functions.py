from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.unit.contracts.expressions.facts import NOW, refused, value

LINES = [{"n": 3, "price": Decimal("1.50")}, {"n": None, "price": None}, {"n": 4, "price": Decimal("0.25")}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(line)", 3),
        ("count(line.n)", 2),
        ("count(nobody)", 0),
        ("count(nothing)", 0),
        ("COUNT(line)", 3),
        ("sum(line.n)", 7),
        ("sum(line.price)", Decimal("1.75")),
        ("sum(nobody)", None),
        ("sum(nothing)", None),
        ("min(line.n)", 3),
        ("max(line.price)", Decimal("1.50")),
        ("max(nobody)", None),
        ("min(nothing)", None),
        ("max(list('a', 'b', NULL))", "b"),
        ("max(list(NULL))", None),
    ],
)
def test_lists_are_summed_up_without_their_nulls(text: str, expected: object) -> None:
    assert value(text, line=LINES, nobody=[], nothing=None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lower('ÄB')", "äb"),
        ("upper('äb')", "ÄB"),
        ("lower(NULL)", None),
        ("coalesce(NULL, 2, 3)", 2),
        ("coalesce(NULL, NULL)", None),
        ("list()", []),
        ("list(1, NULL, 'a')", [1, None, "a"]),
        ("money(1234.5)", "1,234.50"),
        ("money(1234567)", "1,234,567.00"),
        ("money(0.005)", "0.01"),
        ("money(-1.005)", "-1.01"),
        ("money(-0.001)", "0.00"),
        ("money(NULL)", None),
    ],
)
def test_values_are_changed(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("span", "duration"),
    [
        ("24 hours", timedelta(hours=24)),
        ("1 hour", timedelta(hours=1)),
        ("30 minutes", timedelta(minutes=30)),
        ("7 Days", timedelta(days=7)),
        ("2 weeks", timedelta(weeks=2)),
        ("90 seconds", timedelta(seconds=90)),
    ],
)
def test_ago_counts_back_from_now(span: str, duration: timedelta) -> None:
    assert value(f"ago('{span}')") == NOW - duration


def test_ago_of_null_is_null() -> None:
    assert value("ago(NULL)") is None


@pytest.mark.parametrize("span", ["", "24", "hours", "-1 hours", "1.5 hours", "24h", "1 month", "9999999 days"])
def test_a_strange_time_span_is_refused(span: str) -> None:
    assert "is not a time span such as" in refused(f"ago('{span}')")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("datetime('2026-01-01T00:00:00Z')", datetime(2026, 1, 1, tzinfo=UTC)),
        ("datetime('2026-01-01 09:30')", datetime(2026, 1, 1, 9, 30, tzinfo=UTC)),
        ("datetime('2026-01-01T01:00:00+01:00')", datetime(2026, 1, 1, tzinfo=UTC)),
        ("datetime('2026-01-01')", datetime(2026, 1, 1, tzinfo=UTC)),
        ("datetime('now')", NOW),
        ("datetime(day)", datetime(2026, 2, 3, tzinfo=UTC)),
        ("datetime(datetime('now'))", NOW),
        ("datetime(NULL)", None),
        ("datetime('now', '-2 hours')", NOW - timedelta(hours=2)),
        ("datetime('now', NULL)", None),
        ("date(day, '+30 days')", date(2026, 3, 5)),
        ("date(day, '1 week')", date(2026, 2, 10)),
        ("date('2026-01-01')", date(2026, 1, 1)),
        ("date('now')", NOW.date()),
        ("date(day)", date(2026, 2, 3)),
        ("date(datetime('2026-01-01T23:30:00-05:00'))", date(2026, 1, 2)),
        ("date(NULL)", None),
    ],
)
def test_dates_and_moments_are_read(text: str, expected: object) -> None:
    result = value(text, day=date(2026, 2, 3))

    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date(day, '+30 days')", date(2026, 3, 5)),
        ("date(day, '1 week')", date(2026, 2, 10)),
        ("datetime('2026-02-03T06:00:00Z', '-2 hours')", datetime(2026, 2, 3, 4, 0, tzinfo=UTC)),
        ("date(missing, '1 day')", None),
    ],
)
def test_a_second_argument_moves_a_date_or_moment(text: str, expected: object) -> None:
    assert value(text, day=date(2026, 2, 3), missing=None) == expected


def test_a_move_that_is_no_time_span_is_refused() -> None:
    assert "is not a time span such as" in refused("date('2026-02-03', 'soon')")


@pytest.mark.parametrize("span", ["", "+", "--1 day", "+1 month", "start of month"])
def test_a_strange_shift_is_refused(span: str) -> None:
    assert "is not a time span such as" in refused(f"datetime('now', '{span}')")


@pytest.mark.parametrize("text", ["", "x", "2026", "20260101", "2026-13-01", "2026-02-30", "2026-W01-1", "now "])
def test_a_text_that_is_no_date_is_refused(text: str) -> None:
    assert "is not a date such as" in refused(f"datetime('{text}')")
    assert "is not a date such as" in refused(f"date('{text}')")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing(1)", "there is no function nothing()"),
        ("eval('1')", "there is no function eval()"),
        ("lower()", "lower() takes one argument, not 0"),
        ("max(1, 2)", "max() takes one argument, not 2"),
        ("coalesce(1)", "coalesce() takes at least 2 arguments, not 1"),
        ("datetime('now', '-2 hours', 'x')", "datetime() takes one or two arguments, not 3"),
        ("lower(1)", "lower() needs text, and got a number: 1"),
        ("contains(TRUE)", "contains() needs text, and got TRUE or FALSE: TRUE"),
        ("money('1')", "money() needs numbers, and got text: '1'"),
        ("ago(24)", "ago() needs text, and got a number: 24"),
        ("datetime(1)", "datetime() needs text, and got a number: 1"),
        ("count(3)", "count() needs a list, and got 3"),
        ("sum(list('a'))", "sum() needs numbers, and got text: 'a'"),
        ("max(list(1, 'a'))", "text cannot be compared with a number: 'a' > 1"),
    ],
)
def test_a_wrong_call_is_refused(text: str, message: str) -> None:
    assert refused(text) == message


def test_a_row_is_not_a_list() -> None:
    assert refused("count(customer)", customer={"id": 1}) == "count() needs a list, and got a row"
