"""Is a record in NetSuite what was pushed?"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.netsuite.comparison import differences


def lines(*items: dict[str, Any]) -> dict[str, Any]:
    return {"items": list(items)}


@pytest.mark.parametrize(
    ("pushed", "found"),
    [
        ({"a": Decimal("39.90")}, {"a": Decimal("39.9"), "b": 1}),
        ({"a": 1}, {"a": Decimal("1.0")}),
        ({"a": Decimal("1.0")}, {"a": "1.00"}),
        ({"a": True}, {"a": True}),
        ({"a": None}, {}),
        ({"a": ""}, {}),
        ({"phone": "(518) 555-0101"}, {"phone": "518.555.0101"}),
        ({"phone": "ask Ada"}, {"phone": "ask Ada"}),
        ({"a": "x\ny"}, {"a": " x\r\ny "}),
        ({"a": {"id": "7"}}, {"a": {"id": "7", "refName": "Net 30", "links": []}}),
        ({"a": {"id": "7", "refName": "ours"}}, {"a": {"id": "7", "refName": "theirs"}}),
        ({"a": {"id": 7}}, {"a": {"id": "7"}}),
        ({"item": lines()}, {"item": {"items": [], "count": 0}}),
        ({"item": lines()}, {}),
        (
            {"item": lines({"line": 2, "rate": 1}, {"line": 1, "rate": 2})},
            {"item": lines({"line": 1, "rate": 2, "x": 1}, {"line": 2, "rate": 1})},
        ),
        ({"book": lines({"label": "A"}, {"label": "B"})}, {"book": lines({"label": "B"}, {"label": "A"})}),
    ],
)
def test_equal(pushed: dict[str, Any], found: dict[str, Any]) -> None:
    assert differences(pushed, found) == []


@pytest.mark.parametrize(
    ("pushed", "found", "words"),
    [
        ({"a": Decimal("39.95")}, {"a": 40}, "a is 40 and was to be 39.95"),
        ({"a": "x"}, {}, "a is empty and was to be 'x'"),
        ({"a": None}, {"a": "x"}, "a is 'x' and was to be empty"),
        ({"a": True}, {"a": 1}, "a is 1 and was to be True"),
        ({"a": 1}, {"a": True}, "a is True and was to be 1"),
        ({"a": 1}, {"a": "one"}, "a is 'one' and was to be 1"),
        ({"phone": "518 555 0101"}, {"phone": "518 555 0102"}, "phone is"),
        ({"phone": "ask Ada"}, {"phone": "ask Bob"}, "phone is 'ask Bob'"),
        ({"phone": "518 555 0101"}, {}, "phone is empty"),
        ({"a": "518 555"}, {"a": "518555"}, "a is '518555'"),
        ({"a": ""}, {"a": "x"}, "a is 'x' and was to be ''"),
        ({"a": {"id": "7"}}, {"a": {"id": "8"}}, "a id is '8' and was to be '7'"),
        ({"a": {"id": "7"}}, {"a": "7"}, "a is '7' and was to be {'id': '7'}"),
        ({"item": lines({"line": 1})}, {"item": lines({"line": 1}, {"line": 2})}, "item has 2 lines and was to have 1"),
        ({"item": lines({"line": 1})}, {"item": {"links": []}}, "item has 0 lines and was to have 1"),
        (
            {"item": lines({"line": 1, "rate": 4})},
            {"item": lines({"line": 1, "rate": 3})},
            "item 1 rate is 3 and was to be 4",
        ),
        ({"book": lines({"label": "A"})}, {"book": lines({"label": "B"})}, "book 1 is not there"),
        ({"book": lines({"label": "A"}, {"label": "B"})}, {"book": lines({"label": "A"}, {"label": "A"})}, "not there"),
    ],
)
def test_different(pushed: dict[str, Any], found: dict[str, Any], words: str) -> None:
    (difference,) = differences(pushed, found)
    assert words in difference


_RECORDS = st.dictionaries(
    st.sampled_from("abc"),
    st.one_of(
        st.integers(-5, 5),
        st.decimals(-5, 5, places=2),
        st.booleans(),
        st.none(),
        st.text("xy ", max_size=3),
        st.fixed_dictionaries({"id": st.sampled_from("12")}),
        st.lists(st.fixed_dictionaries({"line": st.integers(1, 3), "rate": st.integers(0, 1)}), max_size=3).map(
            lambda items: {"items": items}
        ),
    ),
)


@given(_RECORDS)
def test_a_record_is_equal_to_itself(record: dict[str, Any]) -> None:
    assert differences(record, record) == []


@given(_RECORDS.filter(bool), st.data())
def test_a_missing_field_is_seen(record: dict[str, Any], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(record)))
    rest = {key: value for key, value in record.items() if key != name}

    empty = record[name] in (None, "") or record[name] == {"items": []}
    assert bool(differences(record, rest)) is not empty


@pytest.mark.parametrize("found", [None, [], {"items": None}, {"items": [None]}, {"items": "none"}])
def test_a_list_that_netsuite_does_not_show_has_no_lines(found: Any) -> None:
    assert differences({"item": {"items": [{"line": 1}]}}, {"item": found}) == ["item has 0 lines and was to have 1"]
