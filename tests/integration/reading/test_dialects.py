"""Test 20 of QUALITY.md: every query gives these very values, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.reading.world import NOW, column, read
from workflows_app.contracts.expressions import Pattern

pytestmark = pytest.mark.usefixtures("rows")
D = Decimal


@pytest.mark.parametrize(
    ("condition", "values", "ids"),
    [
        # LIKE and letters.
        ("LOWER(companyname) = LOWER(?)", ["ÄHRE & SÖHNE 100%"], ["1"]),
        ("UPPER(companyname) = ?", ["ÄHRE & SÖHNE 100%"], ["1"]),
        ("LOWER(companyname) LIKE LOWER(?)", ["100% JUICE CO"], ["3"]),
        ("companyname LIKE ?", ["100% juice co"], ["3"]),
        ("companyname LIKE ?", ["100%"], []),
        ("companyname LIKE ?", [Pattern(r"100\%%")], ["3"]),
        ("companyname LIKE ?", [Pattern(r"%\_%")], ["4"]),
        ("companyname LIKE '%' || ? || '%'", ["R_S"], ["4"]),
        ("companyname LIKE '%' || ? || '%'", ["\\"], ["4"]),
        ("companyname LIKE '%ÄHRE%'", [], ["1"]),
        ("companyname LIKE '100_ %'", [], ["2", "3"]),
        (r"companyname LIKE '%100\%%'", [], ["1", "3"]),
        ("companyname LIKE 'É%'", [], ["a"]),
        ("companyname NOT LIKE '%o%'", [], ["1", "a"]),
        (r"companyname NOT LIKE '%\%%' ESCAPE '\' AND NOT companyname LIKE '%o%'", [], ["a"]),
        ("id NOT BETWEEN '3' AND 'z'", [], ["1", "2"]),
        ("id NOT IN ('1', '2', '3', '4', '5')", [], ["B", "a"]),
        ("companyname LIKE ?", [None], []),
        ("companyname = 'O''Brien' OR companyname = '100% Juice Co'", [], ["3", "B"]),
        ("companyname = ?", ["O'Brien"], ["B"]),
        # Lists.
        ("id IN (?)", [["1", "B", "nobody"]], ["1", "B"]),
        ("id IN (?)", ["1"], ["1"]),
        ("id IN (?)", [[]], []),
        ("id NOT IN (?)", [[]], ["1", "2", "3", "4", "5", "B", "a"]),
        ("id NOT IN (?)", [["1", "2", "3", "4"]], ["5", "B", "a"]),
        ("id NOT IN (?)", [["1", None]], []),
        ("id IN (?)", [[str(n) for n in range(5_000)]], ["1", "2", "3", "4", "5"]),
        ("credit_limit IN (?)", [[D("100.1"), 10]], ["1", "5"]),
        ("id IN ('1', ?)", ["2"], ["1", "2"]),
        ("id IN (SELECT customer_id FROM ar_aging WHERE days_overdue > 3)", [], ["1"]),
        # NULL.
        ("email IS NULL", [], ["2"]),
        ("email IS NOT NULL AND email <> ''", [], ["1", "3", "5", "B", "a"]),
        ("email = ?", [None], []),
        ("NOT email = 'x'", [], ["1", "3", "4", "5", "B", "a"]),
        ("COALESCE(email, ?) = 'none'", ["none"], ["2"]),
        ("NULLIF(email, '') IS NULL", [], ["2", "4"]),
        ("? IS NULL", [None], ["1", "2", "3", "4", "5", "B", "a"]),
        ("? IS NULL", ["x"], []),
        ("lastmodifieddate > ?", [None], []),
        # Numbers.
        ("credit_limit = ?", [D("100.10")], ["1"]),
        ("credit_limit > ? AND credit_limit < 16000", [D("200.19")], ["2", "4"]),
        ("credit_limit * 3 = 0.90", [], ["3"]),
        ("credit_limit + 0.10 = 0.40", [], ["3"]),
        ("credit_limit / 4 = 2.5", [], ["5"]),
        ("credit_limit / 0 IS NULL", [], ["1", "2", "3", "4", "5", "B", "a"]),
        ("LENGTH(companyname) / 2 = 6", [], ["2", "3"]),
        ("credit_limit BETWEEN 2.5 AND ?", [D(3)], ["B", "a"]),
        ("ROUND(credit_limit, 0) = 3", [], ["B", "a"]),
        # Text in order of its characters, whatever the locale.
        ("id > 'A' AND id < 'b'", [], ["B", "a"]),
        ("companyname > 'z'", [], ["1", "a"]),
        ("id BETWEEN '4' AND 'Z'", [], ["4", "5", "B"]),
        # Moments.
        ("created_at >= datetime('now')", [], ["1", "2", "3", "4", "5", "B", "a"]),
        ("created_at = ?", [NOW], ["1", "2", "3", "4", "5", "B", "a"]),
        ("created_at > ?", [NOW], []),
        ("created_at > ?", [date(2026, 3, 31)], ["1", "2", "3", "4", "5", "B", "a"]),
        ("created_at > '2026-03-31'", [], ["1", "2", "3", "4", "5", "B", "a"]),
        ("created_at < '2026-03-31 12:00:00'", [], []),
        ("date(created_at) = date('now')", [], ["1", "2", "3", "4", "5", "B", "a"]),
        # Subqueries.
        ("EXISTS (SELECT 1 FROM ar_disputes d WHERE d.customer_id = customers.id AND d.dunning_paused)", [], ["1"]),
        ("credit_limit > (SELECT AVG(credit_limit) FROM customers c)", [], ["4"]),
        ("(entitystatus = ?) IS TRUE AND NOT (id = '1' OR id = '3')", ["active"], ["5", "a"]),
    ],
)
def test_a_condition_picks_the_same_customers(condition: str, values: list[Any], ids: list[str]) -> None:
    tables = f"SELECT id FROM customers WHERE {condition}"

    assert column(tables, *values) == ids


@pytest.mark.parametrize(
    ("condition", "values", "ids"),
    [
        ("payment_date > ?", [date(2025, 12, 31)], ["m2", "m3"]),
        ("payment_date >= datetime('now','-90 days')", [], ["m2", "m3"]),
        ("payment_date > datetime('now','-90 days','start of day')", [], ["m2", "m3"]),
        ("payment_date >= datetime('now','-90 days','start of day')", [], ["m1", "m2", "m3"]),
        ("payment_date = datetime('now','start of year')", [], ["m2"]),
        ("payment_date = datetime('now')", [], []),
        ("payment_date < datetime('now') AND payment_date > '2026-01-01'", [], ["m3"]),
        ("payment_date = date('now')", [], ["m3"]),
        ("payment_date < date('now','start of month','-2 months')", [], ["m0", "m1"]),
        ("payment_date <= ?", [datetime(2025, 12, 31, tzinfo=UTC)], ["m0", "m1"]),
        ("payment_date < ?", [datetime(2025, 12, 31, 0, 0, 1, tzinfo=UTC)], ["m0", "m1"]),
        ("payment_date IN (?)", [[date(2026, 1, 1), date(2026, 3, 31)]], ["m2", "m3"]),
        ("payment_date IN ('2026-01-01', '2026-03-31')", [], ["m2", "m3"]),
        ("payment_date BETWEEN '2025-12-31' AND ?", ["2026-01-01"], ["m1", "m2"]),
        ("payment_date = '2026-01-01 00:00:00'", [], ["m2"]),
        ("payment_date <> ?", [NOW], ["m0", "m1", "m2", "m3"]),
    ],
)
def test_a_date_is_the_midnight_that_begins_it(condition: str, values: list[Any], ids: list[str]) -> None:
    assert column(f"SELECT id FROM customer_payments WHERE {condition}", *values) == ids


def test_a_date_column_and_a_moment_column_compare() -> None:
    sql = "SELECT p.id FROM customer_payments p JOIN quotes q ON q.customer_id = p.customer_id WHERE q.id = 'q0' AND {}"

    assert column(sql.format("p.payment_date < q.generated_at")) == ["m0", "m1", "m2"]
    assert column(sql.format("q.generated_at < p.payment_date")) == ["m3"]


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("active", ["A1", "B1"]),
        ("NOT active", ["A2"]),
        ("active = 0", ["A2"]),
        ("active = TRUE", ["A1", "B1"]),
        ("active IS NOT TRUE", ["A2"]),
        ("active = (list_price IS NULL)", []),
        ("CASE WHEN active THEN list_price > 9.99 ELSE TRUE END", ["A2", "B1"]),
        ("CASE item_code WHEN 'A1' THEN 1 WHEN 'A2' THEN 2 END = 2", ["A2"]),
    ],
)
def test_booleans_mean_the_same(condition: str, codes: list[str]) -> None:
    assert column(f"SELECT item_code FROM spec_items WHERE {condition}") == codes


@pytest.mark.parametrize(("value", "codes"), [(True, ["A1", "B1"]), (False, ["A2"]), (None, [])])
def test_a_boolean_is_bound(value: bool | None, codes: list[str]) -> None:
    assert column("SELECT item_code FROM spec_items WHERE active = ?", value) == codes


def test_money_adds_up_to_the_cent() -> None:
    row = read(
        "SELECT SUM(credit_limit) AS total, AVG(credit_limit) AS mean, MIN(credit_limit) AS least, "
        "MAX(credit_limit) AS most, SUM(credit_limit) / 3 AS third, COUNT(email) AS n, SUM(id = '1') AS ones, "
        "SUM(DISTINCT credit_limit) AS different, AVG(LENGTH(id)) AS length FROM customers",
        shape="one",
    )

    assert row == {
        "total": D("15316.10"),
        "mean": D("2188.01"),
        "least": D("0.30"),
        "most": D("15000.00"),
        "third": D("5105.366667"),
        "n": 6,
        "ones": 1,
        "different": D("15316.10"),
        "length": D("1.000000"),
    }


def test_a_sum_of_nothing_is_null_and_a_count_is_zero() -> None:
    sql = "SELECT SUM(credit_limit) AS s, MAX(created_at) AS m, COUNT(*) AS n FROM customers WHERE id = 'nobody'"

    assert read(sql, shape="one") == {"s": None, "m": None, "n": 0}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ROUND(2.675, 2)", D("2.68")),
        ("ROUND(-2.675, 2)", D("-2.68")),
        ("ROUND(1.005, 2)", D("1.01")),
        ("ROUND(2.5)", D("3")),
        ("ROUND(2.4449, 2)", D("2.44")),
        ("0.1 + 0.2", D("0.3")),
        ("0.1 * 3", D("0.3")),
        ("10.00 / 4", D("2.500000")),
        ("10 / 4", 2),
        ("-7 / 2", -3),
        ("2 / 3.0", D("0.666667")),
        ("5 / NULLIF(0, 0)", None),
        ("CAST(2.99 AS INTEGER)", 2),
        ("CAST(-2.99 AS INTEGER)", -2),
        ("CAST(7 AS DECIMAL(10,2)) / 2", D("3.500000")),
        ("CAST(12 AS TEXT) || '!'", "12!"),
        ("CAST(? AS INTEGER)", 7),
        ("ABS(-1.50)", D("1.50")),
        ("3000000000 * 2", 6_000_000_000),
        ("LENGTH('Zürich')", 6),
        ("SUBSTR('Zürich', 2, 3)", "üri"),
        ("SUBSTR('Zürich', 4)", "ich"),
        ("TRIM('  a b ')", "a b"),
        ("LOWER('ÄÉẞΣİ')", "äéßσi"),
        ("UPPER('äéßς')", "ÄÉßΣ"),
        ("'100%' || ' of ''it'''", "100% of 'it'"),
        ("'%s and ? and %%'", "%s and ? and %%"),
        ("datetime('now','start of month','-1 day')", datetime(2026, 2, 28, tzinfo=UTC)),
        ("datetime('now','+1 month')", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("date('now','weekday 0')", date(2026, 4, 5)),
        ("NULL", None),
        ("1 = 1.0", True),
        ("CASE WHEN 1 > 2 THEN 'a' END", None),
        ("CASE WHEN 1 < 2 THEN 1 ELSE 2.5 END", D("1.0")),
        ("COALESCE(NULL, NULL, 3)", 3),
        ("'a' < 'B'", False),
        ("'é' > 'z'", True),
    ],
)
def test_an_expression_has_one_value(expression: str, expected: object) -> None:
    values = [7] if "?" in expression.replace("'%s and ?", "") else []

    found = read(f"SELECT {expression} AS x FROM customers WHERE id = '1'", *values, shape="value")

    assert (found, type(found)) == (expected, type(expected))


def test_order_puts_null_first_and_text_by_its_characters() -> None:
    assert column("SELECT id FROM customers ORDER BY email") == ["2", "4", "3", "a", "B", "5", "1"]
    assert column("SELECT id FROM customers ORDER BY email DESC") == ["1", "5", "B", "a", "3", "4", "2"]
    assert column("SELECT id FROM customers ORDER BY email NULLS LAST LIMIT 2 OFFSET 5") == ["1", "2"]
    assert column("SELECT companyname FROM customers ORDER BY 1 DESC LIMIT 3") == [
        "élan",
        "Ähre & Söhne 100%",
        "under_score \\ back",
    ]


def test_rows_without_an_order_are_sorted_by_their_columns() -> None:
    assert read("SELECT entitystatus, email FROM customers WHERE id IN (?)", ["1", "2", "3", "4"]) == [
        {"entitystatus": "active", "email": "Juice@Example.com"},
        {"entitystatus": "active", "email": "ä@example.com"},
        {"entitystatus": "hold", "email": None},
        {"entitystatus": "prospect", "email": ""},
    ]


def test_a_tie_in_the_order_is_broken_by_the_columns() -> None:
    sql = "SELECT id, generated_at FROM quotes ORDER BY generated_at DESC LIMIT 3"

    assert column(sql) == ["q3", "q0", "q2"]


def test_distinct_and_union_are_ordered_too() -> None:
    assert column("SELECT DISTINCT entitystatus FROM customers ORDER BY entitystatus DESC") == [
        "prospect",
        "hold",
        "closed",
        "active",
    ]
    union = "SELECT id FROM customers WHERE id < '3' UNION SELECT customer_id FROM ar_aging"
    assert column(union) == ["1", "2", "3"]
    assert column(union.replace("UNION", "UNION ALL") + " ORDER BY id DESC LIMIT 4") == ["3", "2", "2", "1"]
    mixed = "SELECT NULL AS x FROM customers UNION SELECT total + 0.1 FROM quotes WHERE id = 'q4' UNION SELECT 3 FROM "
    assert column(mixed + "quotes") == [None, D("3.00"), D("4.10")]


def test_windows_run_the_same() -> None:
    sql = (
        "SELECT tranid, SUM(amount) OVER (PARTITION BY customer_id ORDER BY tranid) AS running, "
        "COUNT(*) OVER () AS n, MAX(days_overdue) OVER (PARTITION BY customer_name) AS worst FROM ar_aging"
    )

    assert [tuple(row.values()) for row in read(sql)] == [
        ("INV0", D("10.10"), 4, 95),
        ("INV1", D("30.30"), 4, 95),
        ("INV2", D("0.01"), 4, 1),
        ("INV3", D("5.00"), 4, 0),
    ]


def test_joins_and_named_queries() -> None:
    sql = (
        "WITH open AS (SELECT customer_id, SUM(amount) AS total FROM ar_aging GROUP BY customer_id) "
        "SELECT c.id, o.total, COUNT(d.id) AS disputes FROM customers c LEFT JOIN open o ON o.customer_id = c.id "
        "LEFT JOIN ar_disputes d ON d.customer_id = c.id AND d.status <> 'resolved' "
        "WHERE c.id < '5' GROUP BY c.id, o.total HAVING COUNT(*) > 0 ORDER BY total DESC"
    )

    assert [tuple(row.values()) for row in read(sql)] == [
        ("1", D("30.30"), 2),
        ("3", D("5.00"), 0),
        ("2", D("0.01"), 0),
        ("4", None, 0),
    ]


def test_having_and_group_by_may_name_a_result_column() -> None:
    sql = "SELECT SUBSTR(school_year, 1, 4) AS year, SUM(case_price) AS total FROM pricing_master GROUP BY year"

    assert read(f"{sql} HAVING total > ?", D("11.00")) == [{"year": "2026", "total": D("19.50")}]


def test_grouping_by_day() -> None:
    sql = "SELECT date(generated_at) AS day, COUNT(*) AS n FROM quotes GROUP BY date(generated_at) ORDER BY n DESC"

    assert [tuple(row.values()) for row in read(sql)] == [
        (date(2026, 3, 2), 3),
        (date(2026, 3, 1), 1),
        (date(2026, 3, 9), 1),
    ]
