"""Strict YAML: what it reads, and what it refuses and where."""

from typing import Any

import pytest

from workflows_app.contracts.yaml_strict import YamlError, read


def data(text: str) -> Any:
    """The plain value of a text without complaints."""
    node, complaints = read(text)
    assert complaints == []
    return node.data()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        ("a: -3", {"a": -3}),
        ("a: true", {"a": True}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: 'no'", {"a": "no"}),
        ('a: "010"', {"a": "010"}),
        ("a: 2026-07-01", {"a": "2026-07-01"}),
        ("a: 2026-13-45", {"a": "2026-13-45"}),
        ("a: 0 6 * * *", {"a": "0 6 * * *"}),
        ("a: yesterday", {"a": "yesterday"}),
        ("a: 1.2.3", {"a": "1.2.3"}),
        ("a: [1, [x]]", {"a": (1, ("x",))}),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: café 🥕", {"a": "café 🥕"}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    ],
)
def test_a_value_is_what_it_looks_like(text: str, value: object) -> None:
    assert data(text) == value


@pytest.mark.parametrize("word", ["yes", "No", "ON", "off", "True", "NULL"])
def test_a_word_that_yaml_could_take_for_another_thing_is_refused(word: str) -> None:
    node, (complaint,) = read(f"a: {word}")

    assert f"write '{word}' in quotes" in complaint.message
    assert (complaint.span.line, complaint.span.column, complaint.path) == (0, 3, ("a",))
    assert node.data() == {"a": word}


@pytest.mark.parametrize(
    "number", ["010", "0x1F", "1_000", "1:30", "0.5", ".5", "1e3", ".inf", ".NaN", "9" * 30, "+012"]
)
def test_a_number_that_yaml_could_take_for_another_is_refused(number: str) -> None:
    _, (complaint,) = read(f"a: {number}")

    assert "in quotes" in complaint.message


def test_reading_goes_on_after_a_refusal() -> None:
    _, complaints = read("a: no\nb: &x 1\nc: *x\na: 2\n? [k]\n: 1\n")

    assert [complaint.span.line for complaint in complaints] == [0, 1, 2, 3, 4]


def test_the_first_of_two_equal_keys_is_kept() -> None:
    node, _ = read("a: 1\na: 2")

    assert node.data() == {"a": 1}


def test_a_mapping_knows_where_its_keys_and_values_stand() -> None:
    node, _ = read("a:\n  b: x\n")

    inner = node.child("a").child("b")  # type: ignore[union-attr]

    assert inner is not None
    assert (inner.span.line, inner.span.column) == (1, 5)
    assert inner.key_span is not None
    assert (inner.key_span.line, inner.key_span.column) == (1, 2)


@pytest.mark.parametrize("depth", ["[" * 5000, "- " * 5000, "{a: " * 5000])
def test_a_bomb_of_brackets_is_refused_at_once(depth: str) -> None:
    with pytest.raises(YamlError, match="nested deeper"):
        read(depth)
