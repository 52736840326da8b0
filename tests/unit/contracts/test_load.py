"""Loading: good contracts load, everything else is one error with every problem in it."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.contracts.kinds import CATALOG
from workflows_app.contracts.load import load_file, load_text
from workflows_app.contracts.problems import ContractErrors, Problem
from workflows_app.inbox.intake import EVENTS

GOOD = sorted(Path("tests/contracts/good").glob("*.yaml"))
EVERYTHING = Path("tests/contracts/good/everything.v3.yaml").read_text(encoding="utf-8")
MINIMAL = """\
workflow_type: minimal
contract_version: 1
title: Minimal
risk_level: 1
description: Nothing much.
trigger: {kind: manual}
fan_out:
  - {name: paint, kind: picky, colour: green}
"""


def problems(text: str) -> tuple[Problem, ...]:
    """What is wrong with a text."""
    with pytest.raises(ContractErrors) as refused:
        load_text(text, source="bad.yaml", catalog=CATALOG)
    return refused.value.problems


def messages(text: str) -> str:
    """What is wrong with a text, as it is printed."""
    return "\n".join(map(str, problems(text)))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_good_contract_loads(path: Path) -> None:
    contract = load_file(path, CATALOG).contract

    assert path.name == f"{contract.workflow_type}.v{contract.contract_version}.yaml"


def test_a_contract_keeps_what_its_file_says() -> None:
    contract = load_text(EVERYTHING, source="x", catalog=CATALOG)

    assert contract.gate.expires_after == 12 * 3600
    assert contract.context[0].params == ("customer_id",)
    assert [step.kind for step in contract.fan_out][:2] == ["d1_write", "d1_write"]
    assert contract.verify[1].after == "letters"


def test_the_minimal_contract_is_not_gated() -> None:
    assert not load_text(MINIMAL, source="x", catalog=CATALOG).gated


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = (
        EVERYTHING.replace("owner: purchasing", "ownr: purchasing")
        .replace("cron: 0 6 * * *", "cron: 0 25 * * *")
        .replace("alert_on_final_failure: true", "alert_on_final_failure: no")
        .replace("dunning_paused: false", 'dunning_paused: "x"')
        .replace("FROM ar_aging\n      WHERE", "FROM ar_aging\n      WHERE nonsense = 1 AND")
    )

    found = problems(text)

    assert [problem.path for problem in found] == [
        "ownr",
        "trigger.cron",
        "context[1].sql",
        "fan_out[0].operations[0].values.dunning_paused",
        "retry.alert_on_final_failure",
    ]
    assert list(found) == sorted(found)


def test_a_problem_inside_a_block_of_sql_stands_on_its_line() -> None:
    text = EVERYTHING.replace("      WHERE days_overdue > ?", "      WHERE days_late > ?")

    (problem,) = problems(text)

    assert text.split("\n")[problem.line - 1][problem.column - 1 :].startswith("days_late")


def test_a_part_without_sound_shape_hides_no_problem_elsewhere_and_invents_none() -> None:
    text = EVERYTHING.replace("    method: POST\n", "    method: PAST\n").replace(
        "rule: customer.id IS", "rule: custmer.id IS"
    )

    found = problems(text)

    assert [problem.path for problem in found] == ["preconditions[0].rule", "fan_out[2].method"]


def test_a_position_is_that_of_the_file_also_after_a_part_without_sound_shape() -> None:
    text = EVERYTHING.replace("{name: dry, type: boolean", "{name: dry, type: bool").replace(
        "default: {note: none}", "default: 3"
    )

    assert [problem.path for problem in problems(text)] == ["inputs[7].type", "inputs[9].default"]


def test_a_kind_may_have_rules_of_its_own() -> None:
    (problem,) = problems(MINIMAL.replace("green", "red"))

    assert str(problem) == "bad.yaml:8:40: fan_out[0].colour: red is not green, says minimal"


@pytest.mark.parametrize("step", ["push_customer", "ask"])
def test_below_risk_level_3_nothing_is_pushed(step: str) -> None:
    found = problems(EVERYTHING.replace("risk_level: 3", "risk_level: 2"))

    assert {problem.path for problem in found} == {"fan_out[4].kind", "fan_out[5].on_approve[2].push"}
    assert all("risk_level: 3" in problem.message for problem in found), step


def test_below_risk_level_3_only_own_endpoints_are_called() -> None:
    call = "{name: call, kind: http_call, method: GET, path: /admin/logout/}"
    text = MINIMAL.replace("{name: paint, kind: picky, colour: green}", call)

    assert "fan_out[0].path: below risk_level 3 only own endpoints" in messages(text)
    load_text(text.replace("/admin/logout/", "/api/rates"), source="x", catalog=CATALOG)
    load_text(text.replace("risk_level: 1", "risk_level: 3"), source="x", catalog=CATALOG)


@pytest.mark.parametrize("source", EVENTS.values())
def test_below_risk_level_3_no_mail_starts_anything(source: str) -> None:
    text = MINIMAL.replace("{kind: manual}", f"{{kind: event, sources: [shop.order, {source}]}}")

    (problem,) = problems(text)

    assert str(problem) == (
        f"bad.yaml:6:46: trigger.sources[1]: anybody can send mail: {source} needs risk_level: 3 or more, "
        "so that a person decides"
    )
    load_text(text.replace("risk_level: 1", "risk_level: 3"), source="x", catalog=CATALOG)
    load_text(text.replace(f", {source}", ""), source="x", catalog=CATALOG)


def test_a_verify_check_with_an_unknown_table_is_refused() -> None:
    text = EVERYTHING.replace("SELECT COUNT(*) FROM proposed_actions", "SELECT COUNT(*) FROM auth_user")

    assert "auth_user" in messages(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: contract: the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("just text", "1:1: contract: should be a mapping"),
        ("- a\n- b", "1:1: contract: should be a mapping"),
        ("null", "should be a mapping"),
        ("a: " + "[" * 100, "nested deeper than 40 levels"),
        ("a: " + "x" * 300_000, "larger than 256 kB"),
        ('a: "\\Uffffffff"', "no character"),
        ("a: \x07", "a character that YAML does not allow"),
    ],
)
def test_what_is_no_contract_at_all_is_refused_in_words(text: str, message: str) -> None:
    assert message in messages(text)


def test_the_file_name_tells_type_and_version(tmp_path: Path) -> None:
    path = tmp_path / "other.v2.yaml"
    path.write_text(MINIMAL, encoding="utf-8")

    with pytest.raises(ContractErrors) as refused:
        load_file(path, CATALOG, shown_as="other.v2.yaml")

    assert [str(problem) for problem in refused.value.problems] == [
        "other.v2.yaml:1:16: workflow_type: is minimal, but the file is other.v2.yaml",
        "other.v2.yaml:2:19: contract_version: is 1, but the file is other.v2.yaml",
    ]


def test_a_file_name_without_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "minimal.yaml"
    path.write_text(MINIMAL, encoding="utf-8")

    with pytest.raises(ContractErrors, match=r"should be named <workflow_type>\.v<N>\.yaml"):
        load_file(path, CATALOG)


def test_a_file_that_is_not_utf_8_is_refused_at_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "minimal.v1.yaml"
    path.write_bytes(MINIMAL.encode().replace(b"Nothing much", b"Caf\xe9"))

    with pytest.raises(ContractErrors) as refused:
        load_file(path, CATALOG, shown_as="x")

    assert str(refused.value) == "x:5:17: contract: this is not UTF-8 text"


# --- laws -------------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    ["workflow_type", "title", "trigger", "kind", "inputs", "context", "fan_out", "name", "verify", "sql", "if",
     "params", "operations", "insert", "values", "for_each", "as", "on_approve", "gate", "type", "placeholder"]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.dates(),
    st.floats(allow_nan=False),
    st.sampled_from(["${{ a }}", "${{", "SELECT 1", "d1_write", "sql", "manual", "cron", "10s", "customers", "a.b"]),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4) | st.integers(), inner, max_size=5)
    ),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_any_content_whatsoever_raises_only_the_error_of_loading(tree: Any) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True)

    with pytest.raises(ContractErrors):
        load_text(text, source="x", catalog=CATALOG)


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.characters(codec=None), max_size=60) | st.text("-:[]{}&*!|>'\"%@`#, \t\nabc01\\U", max_size=60)
)
def test_any_text_whatsoever_raises_only_the_error_of_loading(text: str) -> None:
    with pytest.raises(ContractErrors):
        load_text(text, source="x", catalog=CATALOG)


@settings(max_examples=60, deadline=None)
@given(TREES, st.data())
def test_a_good_contract_with_one_value_replaced_loads_or_raises_the_error(tree: Any, data: st.DataObject) -> None:
    """Deep inside a contract of sound shape as well."""
    whole = yaml.safe_load(EVERYTHING)
    place, key = _somewhere(whole, data)
    place[key] = tree

    with contextlib.suppress(ContractErrors):
        assert load_text(yaml.safe_dump(whole), source="x", catalog=CATALOG)


def _somewhere(tree: Any, data: st.DataObject) -> tuple[Any, Any]:
    """A random place in a tree: its container and its key."""
    while True:
        key = data.draw(st.sampled_from(sorted(tree, key=str) if isinstance(tree, dict) else range(len(tree))))
        if not isinstance(tree[key], dict | list) or not tree[key] or data.draw(st.integers(0, 3)) == 0:
            return tree, key
        tree = tree[key]
