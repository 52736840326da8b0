"""`manage.py backtest`: what a new version would have done, on stdout; nothing written, whatever the file says."""

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from tests.company import item
from tests.integration.runner.backtest.trials import FIRST, Shelf
from tests.world import World, release_text
from workflows_app.models import Customer, WorkflowRun
from workflows_app.steps.kinds.d1_write import D1WriteKind

TWICE = ('    amount: "${{ inputs.price }}"\n', '    amount: "${{ inputs.price * 2 }}"\n')


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(folder=tmp_path)


@pytest.fixture
def run(world: World) -> WorkflowRun:
    item("MILK", "20.00")
    release_text(FIRST)
    return world.start("reprice", {"item_code": "MILK", "price": "30.00"})


def backtest(*arguments: str, since: str = "2020-01-01") -> str:
    out = StringIO()
    call_command("backtest", *arguments, "--since", since, stdout=out, stderr=StringIO())
    return out.getvalue()


def every_row() -> dict[str, int | str]:
    """A fingerprint of every table."""
    rows: dict[str, int | str] = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            rows[model._meta.db_table] = repr(sorted(map(str, cursor.fetchall())))
    return rows


def test_the_report_tells_what_differs_and_the_sum(run: WorkflowRun, shelf: Shelf) -> None:
    report = backtest(str(shelf.path(TWICE)))

    assert "reprice v2, from the file, against 1 run started since 2020-01-01" in report
    assert "~ proposal tell_customers: Tell about" in report
    assert "30.00 → 60.00" in report
    assert "In sum: 1 planned, 0 the same, 1 different." in report


def test_of_a_long_text_the_place_is_shown_where_it_differs(run: WorkflowRun, shelf: Shelf) -> None:
    words = "and so on " * 30
    first = FIRST.replace("It costs", f"{words}It costs").replace("contract_version: 1", "contract_version: 3")
    WorkflowRun.objects.update(contract=release_text(first))

    report = backtest(str(shelf.path(("It costs", f"{words}From now on it costs"), version=4)))

    assert re.search(r"body: ….{1,20}It costs 30\.00\. → ….{1,20}From now on it costs 30\.00\.", report), report


def test_json_goes_to_stdout_whole(run: WorkflowRun, shelf: Shelf) -> None:
    found = json.loads(backtest(str(shelf.path(TWICE)), "--json"))

    assert found["contract"]["contract_version"] == 2
    assert [(each["how"], each["amount_now"]) for each in found["runs"][0]["changes"]] == [("changed", "60.00")]
    assert found["sum"]["changes"] == [
        {"kind": "proposal.stage", "how": "changed", "count": 1, "amount_was": "30.00", "amount_now": "60.00"}
    ]


def test_no_run_is_said_plainly(run: WorkflowRun, shelf: Shelf) -> None:
    report = backtest(str(shelf.path(TWICE)), since="2100-01-01")

    assert report.strip() == "No run of reprice was started since 2100-01-01 00:00 UTC: there is nothing to compare."


def test_a_broken_file_is_refused_with_every_problem_in_its_place(run: WorkflowRun, shelf: Shelf) -> None:
    path = shelf.path(
        ("SELECT item_code, description, list_price FROM spec_items", "DELETE FROM spec_items"),
        ("item.item_code IS NOT NULL", "nothing_known > 1"),
    )

    with pytest.raises(CommandError) as refused:
        backtest(str(path))

    assert refused.value.returncode == 1
    assert [line.startswith(f"{path}:") for line in str(refused.value).splitlines()] == [True, True]


@pytest.mark.parametrize(
    "arguments", [("missing.v1.yaml",), ("FILE", "--limit", "0"), ("FILE", "--until", "yesterday")]
)
def test_arguments_that_make_no_sense_are_bad_use(run: WorkflowRun, shelf: Shelf, arguments: tuple[str, ...]) -> None:
    path = str(shelf.path())

    with pytest.raises(CommandError) as refused:
        backtest(*(path if each == "FILE" else each for each in arguments))

    assert refused.value.returncode == 2


def test_nothing_is_written(run: WorkflowRun, shelf: Shelf) -> None:
    before = every_row()

    backtest(str(shelf.path(TWICE)))

    assert every_row() == before


def _insert(*arguments: Any) -> list[Any]:
    Customer.objects.create(id="evil", companyname="evil")
    return []


def _delete(*arguments: Any) -> list[Any]:
    WorkflowRun.objects.all().delete()
    return []


def _raw(*arguments: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE spec_items SET active = NULL")
    return []


@pytest.mark.parametrize("attack", [_insert, _delete, _raw])
def test_a_contract_that_writes_while_it_is_planned_changes_no_row(
    run: WorkflowRun, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, attack: Callable[..., list[Any]]
) -> None:
    before = every_row()
    monkeypatch.setattr(D1WriteKind, "plan", attack)

    report = backtest(str(shelf.path(TWICE)))

    assert every_row() == before
    assert "not planned: 1 → 1" in report
