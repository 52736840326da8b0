import pytest

from workflows_app.contracts.expressions import ExpressionError, free_names, references


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1 = 1", set()),
        ("customer.id IS NOT NULL AND total > limit", {("customer", "id"), ("total",), ("limit",)}),
        ("all line.margin_pct >= floor", {("line", "margin_pct"), ("floor",)}),
        ("all item_codes match spec_items.item_code", {("item_codes",)}),
        ("MAX(sync_log.completed_at WHERE sync_type = kind) > ago(span)", {("kind",), ("span",)}),
        ("NOT (-a + lower(b) IN (c, d) OR e BETWEEN f AND g)", {(name,) for name in "abcdefg"}),
        ("a IN codes OR b NOT LIKE contains(c)", {("a",), ("codes",), ("b",), ("c",)}),
    ],
)
def test_the_names_of_an_expression_are_found(text: str, names: set[tuple[str, ...]]) -> None:
    assert free_names(text) == names


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("customer.id IS NOT NULL", set()),
        ("all item_codes match spec_items.item_code", {("spec_items", "item_code")}),
        (
            "a = 1 AND MAX(sync_log.completed_at WHERE sync_type='x' AND sync_log.status = 'ok') > ago('1 day')",
            {("sync_log", "completed_at"), ("sync_log", "sync_type"), ("sync_log", "status")},
        ),
        (
            "COUNT(a.b WHERE c = MIN(d.e WHERE f = 1)) > 0",
            {("a", "b"), ("a", "c"), ("d", "e"), ("d", "f")},
        ),
    ],
)
def test_the_columns_that_an_expression_reads_are_found(text: str, columns: set[tuple[str, str]]) -> None:
    assert references(text) == columns


def test_a_text_that_does_not_parse_has_no_names() -> None:
    with pytest.raises(ExpressionError):
        free_names("a =")
