from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.contracts.expressions.facts import Facts
from workflows_app.contracts.catalog import Column, Table
from workflows_app.contracts.expressions import (
    EvaluationError,
    ExpressionError,
    Type,
    TypeScope,
    evaluate,
    infer,
    types,
)
from workflows_app.contracts.schema import InputType

CUSTOMER = types.row_of(
    {"id": types.TEXT, "entitystatus": types.TEXT, "total_open": types.DECIMAL, "days": types.INTEGER}
)
LINE = types.row_of({"margin_pct": types.DECIMAL, "item_code": types.TEXT})
SCOPE = TypeScope(
    names={
        "customer": CUSTOMER,
        "line": types.list_of(LINE),
        "groups": types.list_of(types.row_of({"rows": types.list_of(LINE)})),
        "item_codes": types.type_of_input("list[string]"),
        "contact_email": types.type_of_input("email"),
        "prior_disputes": types.INTEGER,
        "include_pdf": types.type_of_input("boolean"),
        "due": types.DATE,
        "existing_by_name": types.row_of(),
        "payload": types.UNKNOWN,
    },
    tables={
        "spec_items": Table(
            name="spec_items",
            columns={"item_code": Column(kind="text"), "list_price": Column(kind="decimal", scale=2)},
            key="item_code",
        ),
        "sync_log": Table(
            name="sync_log",
            columns={"completed_at": Column(kind="datetime"), "sync_type": Column(kind="text")},
            key="id",
        ),
    },
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("existing_by_name IS NULL", types.BOOLEAN),
        ("contact_email LIKE '%@%'", types.BOOLEAN),
        ("customer.entitystatus != 'hold'", types.BOOLEAN),
        ("all item_codes match spec_items.item_code", types.BOOLEAN),
        ("all line.margin_pct >= 15", types.BOOLEAN),
        ("all groups.rows.margin_pct >= 15", types.BOOLEAN),
        ("prior_disputes >= 2", types.BOOLEAN),
        ("customer.days > 90 AND customer.total_open > 25000", types.BOOLEAN),
        ("MAX(sync_log.completed_at WHERE sync_type='x') > ago('24 hours')", types.BOOLEAN),
        ("MAX(sync_log.completed_at WHERE sync_type='x')", types.DATETIME),
        ("COUNT(sync_log.completed_at WHERE sync_type='x')", types.INTEGER),
        ("customer.total_open + 1", types.DECIMAL),
        ("prior_disputes + 1", types.INTEGER),
        ("prior_disputes / 2", types.DECIMAL),
        ("-prior_disputes", types.INTEGER),
        ("prior_disputes + payload", types.UNKNOWN),
        ("customer", CUSTOMER),
        ("line.margin_pct", types.list_of(types.DECIMAL)),
        ("payload.a.b.c", types.UNKNOWN),
        ("existing_by_name.anything", types.UNKNOWN),
        ("sum(line.margin_pct)", types.DECIMAL),
        ("max(line.item_code)", types.TEXT),
        ("count(line)", types.INTEGER),
        ("coalesce(customer.total_open, 0)", types.DECIMAL),
        ("coalesce(NULL, contact_email)", types.TEXT),
        ("list(contact_email)", types.list_of(types.TEXT)),
        ("list()", types.list_of(types.UNKNOWN)),
        ("contains(contact_email)", types.PATTERN),
        ("money(customer.total_open)", types.TEXT),
        ("date(due) < ago('7 days')", types.BOOLEAN),
        ("contact_email IN item_codes", types.BOOLEAN),
        ("contact_email IN (item_codes, 'x')", types.BOOLEAN),
        ("contact_email LIKE 'a\\\\'", types.BOOLEAN),
        ("NULL = 1 AND NULL LIKE 'x'", types.BOOLEAN),
        ("NULL", types.NULL),
    ],
)
def test_a_sound_expression_has_a_type_and_no_problem(text: str, found: Type) -> None:
    result = infer(text, SCOPE)

    assert (result.type, result.problems) == (found, ())


@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        (
            "custmer.id IS NULL",
            "custmer is not a loop alias, a context entry or an input; did you mean customer?",
            0,
        ),
        ("1 = zzz", "zzz is not a loop alias, a context entry or an input", 4),
        ("customer.entitystats = 'x'", "customer has no entitystats; did you mean entitystatus?", 0),
        ("line.margin = 1", "line has no margin; did you mean margin_pct?", 0),
        ("contact_email.domain", "contact_email is text and has no attribute domain", 0),
        ("customer.days > '90'", "a number cannot be compared with text", 14),
        ("include_pdf = 1", "TRUE or FALSE cannot be compared with a number", 12),
        ("due > '2026-01-01'", "a date cannot be compared with text; write date('2026-01-31') or datetime('…')", 4),
        ("customer = customer", "a row cannot be compared", 9),
        ("line = line", "a list cannot be compared", 5),
        ("customer.days BETWEEN 'a' AND 3", "a number cannot be compared with text", 14),
        ("customer.days IN (1, 'a')", "a number cannot be compared with text", 14),
        ("customer.days IN item_codes", "a number cannot be compared with text", 14),
        ("customer.days IN prior_disputes", "IN without parentheses needs a list, not a number", 17),
        ("customer.days LIKE '1%'", "LIKE needs text, not a number", 14),
        (
            "contact_email LIKE 'a\\'",
            "a pattern cannot end with a single \\, which escapes the next character",
            19,
        ),
        ("contact_email + 1", "+ needs a number, not text", 0),
        ("-contact_email", "- needs a number, not text", 0),
        ("include_pdf AND prior_disputes", "AND needs TRUE or FALSE, not a number", 16),
        ("contact_email OR include_pdf", "OR needs TRUE or FALSE, not text", 0),
        ("NOT customer", "NOT needs TRUE or FALSE, not a row", 4),
        ("cuont(line)", "there is no function cuont(); did you mean count?", 0),
        ("lower('a', 'b')", "lower() takes one argument, not 2", 0),
        ("coalesce(1)", "coalesce() takes at least 2 arguments, not 1", 0),
        ("coalesce(1, 'a')", "coalesce() is given values of different kinds: a number and text", 0),
        ("lower(prior_disputes)", "lower() needs text, not a number", 6),
        ("money(contact_email)", "money() needs a number, not text", 6),
        ("date(prior_disputes)", "date() needs a date or text, not a number", 5),
        ("count(customer)", "count() needs a list, not a row", 6),
        ("sum(line.item_code)", "sum() needs a number, not text", 0),
        ("max(line)", "max() cannot compare rows", 0),
        ("date(due, due)", "date() needs text, not a date", 10),
        ("date(due, '1 month')", "'1 month' is not a time span such as '24 hours', '30 minutes' or '7 days'", 10),
        ("ago('1 month')", "'1 month' is not a time span such as '24 hours', '30 minutes' or '7 days'", 4),
        ("date('2026')", "'2026' is not a date such as '2026-01-31' or '2026-01-31T09:00:00Z'", 5),
        ("all customer.days > 1", "all needs a list, not a number", 4),
        ("all line.item_code >= 15", "text cannot be compared with a number", 19),
        ("all item_codes match items.item_code", "there is no table items; did you mean spec_items?", 21),
        ("all item_codes match spec_items.code", "spec_items has no column code; did you mean item_code?", 21),
        ("all line.margin_pct match spec_items.item_code", "a number cannot be compared with text", 26),
        (
            "MAX(sync_log.completed WHERE sync_type = 'x')",
            "sync_log has no column completed; did you mean completed_at?",
            0,
        ),
        ("MAX(sync_log.completed_at WHERE kind = 'x')", "sync_log has no column kind", 32),
        ("MAX(sync_log.completed_at WHERE sync_type = 1)", "text cannot be compared with a number", 32),
        ("MAX(nothing.at WHERE sync_type = 1)", "there is no table nothing", 0),
        ("SUM(sync_log.sync_type WHERE sync_type = 'x') > 1", "SUM needs a number, not text", 0),
    ],
)
def test_what_cannot_work_is_found(text: str, message: str, offset: int) -> None:
    assert (message, offset) in infer(text, SCOPE).problems


def test_all_problems_are_found_in_the_order_they_stand() -> None:
    problems = infer("zzz = 1 AND customer.days = 'a' AND nothing(1)", SCOPE).problems

    assert [offset for _, offset in problems] == [0, 26, 36]


def test_one_mistake_is_complained_about_once() -> None:
    assert len(infer("lower(zzz.a.b) = 3 + 4", SCOPE).problems) == 2
    assert len(infer("zzz.a.b = 3 + 4 AND TRUE", SCOPE).problems) == 1


def test_a_text_that_does_not_parse_has_no_type() -> None:
    with pytest.raises(ExpressionError):
        infer("a =", SCOPE)


def test_a_loop_alias_is_added() -> None:
    scope = SCOPE.bind("row", LINE)

    assert infer("row.margin_pct > 1", scope).problems == ()
    assert infer("row.margin_pct > 1", SCOPE).problems != ()


def test_a_query_that_returns_unknown_columns_is_a_row_of_unknowns() -> None:
    row = types.type_of_columns({"n": None, "id": Column(kind="text")})

    assert row == types.row_of({"n": types.UNKNOWN, "id": types.TEXT})


@pytest.mark.parametrize("declared", get_args(InputType))
def test_every_type_of_input_is_known(declared: str) -> None:
    found = types.type_of_input(declared)

    assert (found.kind == "list") is declared.startswith("list[")
    assert found.elements.kind != "unknown" or found.kind != "list"


KNOWN: dict[str, tuple[Type, st.SearchStrategy[Any]]] = {
    "i": (types.INTEGER, st.integers(-9, 9)),
    "d": (types.DECIMAL, st.decimals(-9, 9, places=2)),
    "t": (types.TEXT, st.text(max_size=3)),
    "b": (types.BOOLEAN, st.booleans()),
    "n": (types.list_of(types.INTEGER), st.lists(st.integers(-9, 9), max_size=3)),
    "s": (types.list_of(types.TEXT), st.lists(st.text(max_size=3), max_size=3)),
    "rows": (types.list_of(types.row_of()), st.lists(st.just({}), max_size=2)),
    "r": (types.row_of({"i": types.INTEGER}), st.fixed_dictionaries({"i": st.integers(-9, 9)})),
}
SHAPES = [
    "{} = {}", "{} < {}", "{} + {}", "{} * {} / 2", "{} AND {}", "{} OR {}", "NOT {} = {}", "{} LIKE {}", "{} IN ({})",
    "{} IN {}", "{} BETWEEN {} AND 3", "count({}) = {}", "sum({}) = {}", "max({}) = {}", "lower({}) = {}",
    "all {} = {}", "all {} IN {}", "coalesce({}, {})", "money({}) = {}", "-{} = {}", "r.i = {} AND {} IS NULL",
]  # fmt: skip


@settings(max_examples=400)
@given(st.sampled_from(SHAPES), st.sampled_from(sorted(KNOWN)), st.sampled_from(sorted(KNOWN)), st.data())
def test_an_expression_without_problems_can_be_evaluated(shape: str, one: str, other: str, data: st.DataObject) -> None:
    """The law behind the static check: with full types, what it lets pass never fails for a type at run time."""
    text = shape.format(one, other)
    scope = TypeScope(names={name: found for name, (found, _) in KNOWN.items()})
    sound = not infer(text, scope).problems

    env = Facts(names={name: data.draw(values, label=name) for name, (_, values) in KNOWN.items()})

    if sound:
        evaluate(text, env)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_sound_for_some_types_and_not_for_others(shape: str) -> None:
    """So that the law above is not kept by refusing, or by letting pass, everything."""
    scope = TypeScope(names={name: found for name, (found, _) in KNOWN.items()})
    verdicts = {bool(infer(shape.format(one, other), scope).problems) for one in KNOWN for other in KNOWN}

    assert verdicts == {True, False}


def test_unsound_expressions_do_fail() -> None:
    with pytest.raises(EvaluationError):
        evaluate("i = t", Facts(names={"i": 1, "t": "1"}))
