"""The demo holds, and it notices every step that does not do what its contract says (sabotage).

A sabotaged step either says that it failed, or lies: it does nothing and the runner believes that it is done. A step
that asks for a decision can also lie later, when what was approved is applied.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from workflows_app.delivery import http
from workflows_app.effects.errors import permanent
from workflows_app.management.commands import demo
from workflows_app.management.demo import world
from workflows_app.models.catalog import model_for, tables
from workflows_app.runner import call, fan_out, leaf

CONTRACTS = settings.BASE_DIR / "fixtures/contracts"
STAGING = {"hitl_email_draft", "stage_proposed_action", "loop_over_aging", "flag"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a contract that the demo plays; `blamed` are the steps that cannot be done without it, and itself."""

    workflow: str
    name: str
    kind: str
    blamed: frozenset[str]


def _steps() -> Iterator[Step]:
    """Every step of the newest version of each contract that the demo plays."""
    for scenario in demo.SCENARIOS:
        newest = max(CONTRACTS.glob(f"{scenario.workflow_type}.v*.yaml"))
        steps = yaml.safe_load(newest.read_text(encoding="utf-8"))["fan_out"]
        for step in steps:
            yield Step(
                workflow=scenario.workflow_type,
                name=step["name"],
                kind=step["kind"],
                blamed=frozenset(_without(step["name"], steps)),
            )


def _without(name: str, steps: list[dict[str, Any]]) -> Iterator[str]:
    yield name
    for step in steps:
        if name in step.get("needs", ()):
            yield from _without(step["name"], steps)


STEPS = list(_steps())


def _fails(patch: pytest.MonkeyPatch, step: Step) -> None:
    """The step raises a permanent error when it is applied."""
    _replace_effects(patch, fan_out, step, _raise)
    if step.kind == "http_call":
        patch.setattr(http, "call", _refuse)


def _lies(patch: pytest.MonkeyPatch, step: Step) -> None:
    """The step does nothing and says that it is done."""
    _replace_effects(patch, fan_out, step, lambda: None)
    if step.kind == "http_call":
        patch.setattr(call, "make", _pretend)


def _lies_when_approved(patch: pytest.MonkeyPatch, step: Step) -> None:
    """The step stages its proposal; approving it does nothing and says that it is applied."""
    _replace_effects(patch, leaf, step, lambda: None)


def _replace_effects(patch: pytest.MonkeyPatch, module: Any, step: Step, instead: Callable[[], None]) -> None:
    real = module.apply_effects

    def apply_effects(effects: Any, context: Any) -> None:
        if context.step == step.name:
            instead()
        else:
            real(effects, context)

    patch.setattr(module, "apply_effects", apply_effects)


def _raise() -> None:
    raise permanent("sabotaged")


def _refuse(*arguments: Any, **options: Any) -> None:
    raise http.PermanentCallError("sabotaged")


def _pretend(request: Any) -> dict[str, Any]:
    return {"status": 200, "artifact": {"key": request["produces"], "sha256": "0" * 64, "size": 1}}


CASES = [
    *((step, manner) for step in STEPS for manner in (_fails, _lies)),
    *((step, _lies_when_approved) for step in STEPS if step.kind in STAGING),
]
NAMES = [f"{step.workflow}-{step.name}{manner.__name__}" for step, manner in CASES]


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The company of the demo, loaded once, in a transaction that is rolled back after this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        _keep_autovacuum_out()
        world.furnish()
        yield
        transaction.set_rollback(True)


def _keep_autovacuum_out() -> None:
    """It would find the company that is not committed yet to be no rows, and PostgreSQL would plan by that: seconds."""
    if connection.vendor == "postgresql":
        names = ", ".join(connection.ops.quote_name(model_for(name)._meta.db_table) for name in tables())
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {names} IN SHARE UPDATE EXCLUSIVE MODE")


@pytest.fixture
def play(furnished: None, db: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Run `demo --only <workflow>` in the loaded company; `step: what` of each outcome that it says does not hold."""

    def run(workflow: str) -> list[str]:
        with pytest.raises(CommandError) as refused:
            call_command("demo", only=[workflow], stdout=StringIO())
        assert refused.value.returncode == 1
        _, *told = str(refused.value).splitlines()
        return [line.strip().removeprefix(f"{workflow}/") for line in told]

    monkeypatch.setattr(demo, "fresh_world", world.opened)
    return run


def test_the_demo_ends_well() -> None:
    command = [sys.executable, "manage.py", "demo"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)

    *_, last = done.stdout.splitlines()
    hold, _, total, _ = last.split()
    assert (done.returncode, done.stderr, hold) == (0, "", total)


def test_every_step_of_the_five_contracts_is_sabotaged() -> None:
    assert len({step.workflow for step in STEPS}) == 5
    assert len(STEPS) >= 17


@pytest.mark.parametrize("workflow", [scenario.workflow_type for scenario in demo.SCENARIOS])
def test_each_scenario_holds_by_itself(
    furnished: None, db: None, monkeypatch: pytest.MonkeyPatch, workflow: str
) -> None:
    monkeypatch.setattr(demo, "fresh_world", world.opened)

    call_command("demo", only=[workflow], stdout=StringIO())


@pytest.mark.once
@pytest.mark.parametrize(("step", "manner"), CASES, ids=NAMES)
def test_a_sabotaged_step_is_named_and_no_innocent_one(
    play: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch, step: Step, manner: Any
) -> None:
    manner(monkeypatch, step)

    told = play(step.workflow)

    named = {outcome.partition(":")[0] for outcome in told}
    assert step.name in named, told
    assert named & {other.name for other in STEPS} <= step.blamed


def test_a_scenario_that_breaks_off_is_named(play: Callable[[str], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(scenario: Any, world: Any) -> None:
        raise KeyError("nobody")

    monkeypatch.setattr(demo.NewCustomer, "play", break_off)

    assert play("new_customer") == [
        "scenario: played to its end (KeyError: 'nobody'): 0 of 1",
        "trigger: runs started: 0 of 1",
    ]


def test_an_unknown_workflow_is_bad_use() -> None:
    command = [sys.executable, "manage.py", "demo", "--only", "new_custommer"]

    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "new_customer" in done.stderr
