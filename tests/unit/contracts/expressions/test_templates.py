from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.contracts.expressions.facts import facts
from workflows_app.contracts.expressions import EvaluationError, ExpressionError, render, template_expressions

ROW = {"id": "1", "email": None}


@pytest.mark.parametrize(
    "value",
    [None, 3, Decimal("1.50"), True, "text", date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), [1, 2], ROW],
)
def test_a_string_that_is_one_expression_keeps_the_value(value: Any) -> None:
    assert render("${{ x }}", facts(x=value)) is value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (Decimal("1E+2"), "100"),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (False, "false"),
        ("", ""),
        (date(2026, 1, 1), "2026-01-01"),
        (datetime(2026, 1, 1, 9, tzinfo=UTC), "2026-01-01T09:00:00Z"),
    ],
)
def test_in_the_midst_of_text_a_value_becomes_text(value: Any, text: str) -> None:
    assert render("item:${{ x }}", facts(x=value)) == f"item:{text}"


@pytest.mark.parametrize(("value", "noun"), [(None, "NULL"), ([1], "a list"), (ROW, "a row")])
def test_what_has_no_text_is_named(value: Any, noun: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        render("Pay ${{ row.amount }} now", facts(row={"amount": value}))

    assert str(caught.value) == f"${{{{ row.amount }}}} is {noun}, which cannot stand in the midst of text"


def test_a_missing_name_fails_the_rendering() -> None:
    with pytest.raises(EvaluationError, match="amout is not a loop alias"):
        render("Pay ${{ amout }}", facts(amount=1))


def test_several_expressions_stand_in_one_text() -> None:
    assert render("${{ a }}-${{b}}${{ a + b }} ", facts(a=1, b=2)) == "1-23 "


def test_rendering_goes_to_any_depth() -> None:
    template = {"a": ["x", {"b": "${{ n }}"}], "c": ("${{ n }}!",), "d": None, "e": 5, "${{ n }}": "key"}

    rendered = render(template, facts(n=7))

    assert rendered == {"a": ["x", {"b": 7}], "c": ["7!"], "d": None, "e": 5, "${{ n }}": "key"}


def test_rendering_leaves_the_template_alone() -> None:
    template = {"a": ["${{ n }}"]}

    render(template, facts(n=7))

    assert template == {"a": ["${{ n }}"]}


def test_of_a_placeholder_only_its_target_is_rendered() -> None:
    template = {"placeholder": "ns_id", "of": "${{ id }}", "note": "${{ nowhere }}"}

    assert render(template, facts(id="cs-1")) == {"placeholder": "ns_id", "of": "cs-1", "note": "${{ nowhere }}"}


def test_braces_in_quoted_text_do_not_close() -> None:
    assert render("${{ '}}' }}", facts()) == "}}"
    assert render("a ${{ 'it''s }}' }} b", facts()) == "a it's }} b"


def test_what_values_contain_is_not_rendered_again() -> None:
    assert render("${{ x }}", facts(x="${{ secret }}", secret="s")) == "${{ secret }}"
    assert render("a ${{ x }}", facts(x="${{ secret }}", secret="s")) == "a ${{ secret }}"


@pytest.mark.parametrize(("text", "offset"), [("${{ a", 0), ("a ${{ a }", 2), ("${{ a }} ${{ 'b }}", 9), ("${{", 0)])
def test_an_expression_that_is_not_closed_is_refused(text: str, offset: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        template_expressions(text)

    assert (caught.value.message, caught.value.offset) == ("${{ is not closed by }}", offset)


@pytest.mark.parametrize("text", ["${{ }}", "${{}}", "a ${{   }}"])
def test_an_empty_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="an expression is missing"):
        render(text, facts())


def test_expressions_are_found_with_their_place() -> None:
    text = "a ${{ x.y }} b ${{z}}${{\n  1 }}"

    found = template_expressions(text)

    assert [expression for expression, _ in found] == ["x.y", "z", "1"]
    assert all(text[offset:].startswith(expression) for expression, offset in found)


@pytest.mark.parametrize("text", ["", "plain", "$ {{ a }}", "{{ a }}", "${ a }", "100 % }}"])
def test_other_braces_are_text(text: str) -> None:
    assert template_expressions(text) == []
    assert render(text, facts()) == text


@given(st.lists(st.sampled_from(["${{", "}}", "'", " ", "x", "a", "\n"]), max_size=14).map("".join))
def test_rendering_raises_nothing_but_its_own_errors(text: str) -> None:
    try:
        render(text, facts(x=1))
    except (EvaluationError, ExpressionError):
        return


def test_many_quotes_are_read_in_no_time() -> None:
    with pytest.raises(ExpressionError, match="not closed"):
        render("${{ " + "''" * 20_000, facts())
