"""What is refused at load, where, and in which words."""

import pytest

from tests.unit.contracts.sql.tables import CATALOG, compiled, problems
from workflows_app.contracts.sql import QueryError, compile_query


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT nmae FROM customers", "1:8: there is no column nmae here"),
        (
            "SELECT id,\n  compannyname\nFROM customers",
            "2:3: there is no column compannyname here; did you mean companyname?",
        ),
        ("SELECT c.idd FROM customers c", "1:8: c has no column idd; did you mean id?"),
        ("SELECT x.id FROM customers c", "1:8: x is neither a table of this query nor a name given to one"),
        ("SELECT id FROM customer", "1:16: customer is not a table that contracts may read"),
        ("SELECT id FROM customers GROUP BY email", "1:8: id must stand in GROUP BY or inside an aggregate"),
        ("SELECT id, COUNT(*) FROM customers", "1:8: id must stand in GROUP BY or inside an aggregate"),
        ("SELECT id FROM customers HAVING COUNT(*) > 1", "1:33: HAVING needs GROUP BY"),
        (
            "SELECT id FROM customers WHERE COUNT(*) > 1",
            "1:32: WHERE cannot use an aggregate; use HAVING or a subquery",
        ),
        ("SELECT id FROM customers WHERE visits", "1:32: a condition must be TRUE or FALSE, this is integer"),
        ("SELECT id FROM customers WHERE id = 5", "1:32: text cannot be compared with integer"),
        ("SELECT id FROM customers WHERE visits = '5'", "1:32: integer cannot be compared with text"),
        ("SELECT id FROM customers WHERE created_at > 'soon'", "1:32: datetime cannot be compared with text"),
        ("SELECT id FROM customers WHERE active = 2", "1:32: boolean cannot be compared with integer"),
        ("SELECT id FROM customers WHERE visits LIKE '1%'", "1:32: LIKE needs text, this is integer"),
        (
            "SELECT id FROM customers WHERE id LIKE email",
            "1:40: LIKE needs a pattern made of text and ?, so that data never acts as a pattern",
        ),
        (
            "SELECT id FROM customers WHERE id LIKE 'a\\'",
            "1:40: a pattern cannot end with a single \\, which escapes the next character",
        ),
        (
            "SELECT id FROM customers WHERE id LIKE 'a' ESCAPE '!'",
            "1:32: the escape character of LIKE is always \\ and need not be given",
        ),
        ("SELECT id || visits AS x FROM customers", "1:14: needs text, this is integer; write CAST(… AS TEXT)"),
        ("SELECT id + 1 AS x FROM customers", "1:8: arithmetic needs numbers, this is text"),
        (
            "SELECT CAST(id AS INTEGER) AS x FROM customers",
            "1:13: CAST cannot make integer of text on both databases alike",
        ),
        ("SELECT MAX(id, email) AS x FROM customers", "1:8: GREATEST is not allowed in contract SQL"),
        ("SELECT MAX(active) AS x FROM customers", "1:8: MAX of a condition is not allowed; use SUM or COUNT"),
        ("SELECT SUM(id) AS x FROM customers", "1:8: SUM needs numbers, this is text"),
        ("SELECT SUM(*) AS x FROM customers", "1:8: only COUNT can be applied to *"),
        (
            "SELECT SUM(COUNT(*)) AS x FROM customers",
            "1:8: an aggregate cannot be applied to an aggregate; use a subquery",
        ),
        ("SELECT COALESCE(id, visits) AS x FROM customers", "1:8: text and integer cannot stand for one value"),
        ("SELECT id, id FROM customers", "1:12: two result columns are called id; name one of them with AS"),
        (
            "SELECT ? AS x, id FROM customers",
            "1:8: the type of this ? is not known; write CAST(? AS TEXT), INTEGER or DECIMAL",
        ),
        ("SELECT id FROM customers WHERE id = :name", "1:1: only a plain ? can stand for a value"),
        ("SELECT id FROM customers WHERE id IN ()", "1:32: IN needs a list, a ? or a subquery"),
        (
            "SELECT id FROM customers WHERE id IS id",
            "1:32: IS can only be followed by NULL, TRUE or FALSE; write = instead",
        ),
        (
            "SELECT id FROM customers WHERE id = (SELECT id FROM customers)",
            "1:45: a subquery used as a value must have one column and one row (an aggregate or LIMIT 1)",
        ),
        ("SELECT id FROM customers LIMIT 1.5", "1:32: LIMIT takes a number or ?"),
        ("SELECT id FROM customers LIMIT -1", "1:33: LIMIT takes a number or ?"),
        (
            "SELECT DISTINCT id FROM customers ORDER BY email",
            "1:44: ORDER BY of a DISTINCT query or UNION must name a result column",
        ),
        (
            "SELECT id FROM customers UNION SELECT visits FROM customers",
            "1:8: text and integer cannot stand for one value",
        ),
        (
            "SELECT id FROM customers UNION SELECT id, email FROM customers",
            "1:8: the parts of a UNION must have the same number of columns",
        ),
        ("SELECT id FROM customers EXCEPT SELECT id FROM customers", "1:1: needs a SELECT and nothing else"),
        ("SELECT id", "1:8: a SELECT needs FROM and a table"),
        ("SELECT id FROM customers c, customers c", "1:29: c stands twice in FROM; give one of them another name"),
        (
            "SELECT x.id FROM customers x RIGHT JOIN customers y ON x.id = y.id",
            "1:41: RIGHT JOIN is not allowed; use JOIN, LEFT JOIN or CROSS JOIN",
        ),
        (
            "SELECT x.id FROM customers x JOIN customers y USING (id)",
            "1:35: JOIN with using is not allowed in contract SQL",
        ),
        ("SELECT x.id FROM (SELECT id FROM customers)", "1:26: a subquery in FROM needs a name"),
        (
            "SELECT datetime('now', id) AS x FROM customers",
            "1:8: datetime() takes 'now' and constant modifiers such as '-2 hours'",
        ),
        (
            "SELECT datetime('now', 'localtime') AS x FROM customers",
            "1:8: datetime() takes 'now' and constant modifiers such as '-2 hours'",
        ),
        (
            "SELECT SUBSTR(id, 0) AS x FROM customers",
            "1:8: SUBSTR takes text, a start from 1 on, and a length, both written as numbers",
        ),
        ("SELECT ROUND(visits, 9) AS x FROM customers", "1:8: ROUND takes a number and a number of places from 0 to 6"),
        ("SELECT id FROM customers WHERE visits > 1e3", "1:41: 1e3 is not a plain number such as 12 or 12.50"),
        (
            "SELECT id FROM customers GROUP BY id ORDER BY email",
            "1:47: email must stand in GROUP BY or inside an aggregate",
        ),
        ("SELECT id FROM customers WHERE (id = ?", "1:38: cannot be read as SQL: Expecting ) near '?'"),
    ],
)
def test_a_problem_is_named_with_its_place(sql: str, problem: str) -> None:
    assert problem in problems(sql)


def test_a_column_of_two_tables_must_say_which() -> None:
    sql = "SELECT amount FROM customers c JOIN payments p ON p.customer_id = c.id WHERE id = ?"

    assert problems(sql, "customers", "payments") == ["1:78: id is ambiguous: c and p both have it"]


def test_all_problems_are_reported_at_once() -> None:
    sql = "SELECT nope,\n  readfile(id)\nFROM customers\nWHERE visits = 'x' AND email LIKE visits"

    assert [found.split(": ")[0] for found in problems(sql)] == ["1:8", "2:3", "4:7", "4:35"]


def test_a_declared_table_that_is_not_used_is_a_problem() -> None:
    assert problems("SELECT id FROM customers", "customers", "payments") == [
        "1:1: the table payments is declared but not used"
    ]


def test_a_declared_table_must_exist() -> None:
    found = problems("SELECT id FROM customers", "customers", "auth_user")

    assert found == ["1:1: the declared table auth_user is not one that contracts may read"]


def test_an_unknown_table_is_not_followed_by_complaints_about_its_columns() -> None:
    assert problems("SELECT x.foo, bar FROM nowhere x WHERE baz = 1", "customers") == [
        "1:1: the table customers is declared but not used",
        "1:24: nowhere is not a table that contracts may read",
    ]


def test_an_aggregate_under_a_window_needs_a_subquery() -> None:
    assert problems("SELECT COUNT(*) OVER () AS n, email FROM customers GROUP BY email") == [
        "1:8: a window in a grouped query is not allowed; use a subquery"
    ]


def test_the_error_says_everything_in_one_sentence_too() -> None:
    with pytest.raises(QueryError, match="there is no column nope here; customers is"):
        compile_query("SELECT nope\nFROM customers", tables=["payments"], catalog=CATALOG)


def test_compiling_the_same_text_again_costs_nothing() -> None:
    assert compiled("SELECT id FROM customers") is compiled("SELECT id FROM customers")


def test_the_same_text_means_something_else_in_another_catalog() -> None:
    narrow = {"customers": CATALOG["payments"]}

    with pytest.raises(QueryError):
        compile_query("SELECT companyname FROM customers", tables=["customers"], catalog=narrow)
    assert compiled("SELECT companyname FROM customers").columns.keys() == {"companyname"}
