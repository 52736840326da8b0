"""`sql`: a query whose rows or first value must be as expected."""

from typing import Any

import pytest

from approvals.canonical import canonical, parse
from tests import factories
from tests.factories import NOW
from workflows_app.checks.base import CheckNotExecutedError
from workflows_app.checks.kinds.sql import SqlCheck, SqlKind
from workflows_app.checks.registry import KINDS
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db


def check(**changes: Any) -> SqlCheck:
    facts = {
        "name": "persisted",
        "kind": "sql",
        "window": "10s",
        "sql": "SELECT id FROM customers WHERE companyname=?",
        "params": ("company_name",),
        "expect": "rows >= 1",
    }
    return SqlCheck.model_validate({**facts, **changes}, by_alias=True)


def spec_of(**changes: Any) -> Any:
    scope = Scope(
        now=NOW,
        inputs={"company_name": "O'Brien & Söhne 100%"},
        context={"findings": [{"fingerprint": "a"}, {"fingerprint": "b"}]},
        run={"id": "run-1", "started_at": factories.moment(hours=2)},
        steps={"draft": {"items": 2}},
    )
    return parse(canonical(SqlKind().stage(check(**changes), scope)))


def test_a_row_that_is_there_passes() -> None:
    factories.CustomerFactory(companyname="O'Brien & Söhne 100%")

    finding = SqlKind().execute(spec_of(), NOW)

    assert finding.passed
    assert finding.detail.startswith("1 row, the first value is ")


def test_a_row_that_is_missing_does_not_pass() -> None:
    factories.CustomerFactory(companyname="O'Brien & Söhne 1000")

    assert SqlKind().execute(spec_of(), NOW) == SqlKind().execute(spec_of(), NOW)
    assert not SqlKind().execute(spec_of(), NOW).passed


@pytest.mark.parametrize(("staged", "passed"), [(1, False), (2, True), (3, True)])
def test_a_value_is_compared_with_what_the_run_planned(staged: int, passed: bool) -> None:
    factories.ProposedActionFactory.create_batch(staged, proposed_at=factories.moment(hours=1))
    factories.ProposedActionFactory(proposed_at=factories.moment(days=3))
    sql = "SELECT COUNT(*) FROM proposed_actions WHERE action_type='collection_action' AND proposed_at > ?"

    spec = spec_of(sql=sql, params=("run.started_at",), expect="value >= steps.draft.items")

    assert SqlKind().execute(spec, NOW).passed is passed


def test_what_the_names_meant_is_frozen_when_the_run_ends() -> None:
    spec = spec_of(sql="SELECT COUNT(*) FROM customers", params=(), expect="value >= count(findings.fingerprint)")

    assert spec["names"] == {"findings.fingerprint": ["a", "b"]}
    assert not SqlKind().execute(spec, NOW).passed


def test_the_tables_are_those_of_the_query_unless_they_are_declared() -> None:
    assert spec_of()["tables"] == ["customers"]
    assert spec_of(tables=("customers", "vendors"))["tables"] == ["customers", "vendors"]


def test_an_expectation_that_cannot_be_judged_is_not_executed() -> None:
    factories.CustomerFactory(companyname="O'Brien & Söhne 100%")

    with pytest.raises(CheckNotExecutedError, match="value > 5"):
        SqlKind().execute(spec_of(expect="value > 5"), NOW)


def test_a_value_of_no_row_is_null_and_null_does_not_pass() -> None:
    assert not SqlKind().execute(spec_of(expect="value = 'x'"), NOW).passed


def test_the_three_kinds_are_registered() -> None:
    assert sorted(KINDS) == ["artifact", "http", "sql"]
