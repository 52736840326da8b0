"""Commands of DESIGN.md section 13: JSON alone on stdout, exit codes, a sentence for what cannot be used."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from approvals.models import ProposedAction
from tests.company import customer, item, quote_request
from tests.integration.triggers.small import on_event
from tests.world import World, snapshot, status
from workflows_app.models import (
    Event,
    Hold,
    ReflexionLog,
    RunHistory,
    VerifyResult,
    WorkflowContract,
    WorkflowRun,
)
from workflows_app.runner import hold

FORM = {
    "company_name": "Lakeside Schools",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd",
}
SHOWN = {
    "run_id",
    "workflow_type",
    "contract_version",
    "status",
    "trigger",
    "inputs",
    "context",
    "preconditions",
    "plan",
    "steps",
    "proposals",
    "verify",
    "events",
    "log",
}
Run = Callable[..., str]


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; what it wrote to stdout. Nothing may come on stderr."""

    def run(*arguments: str) -> str:
        call_command(*arguments)
        written = capsys.readouterr()
        assert written.err == ""
        return written.out

    return run


def refused(*arguments: str) -> tuple[int, str]:
    """Exit code and sentence of a command that does not do it."""
    with pytest.raises(CommandError) as error:
        call_command(*arguments)
    return error.value.returncode, str(error.value)


def rows() -> dict[str, Any]:
    """Everything that a command could have left behind."""
    platform = (WorkflowRun, RunHistory, ProposedAction, Event, Hold)
    return {**snapshot(), **{model.__name__: model.objects.count() for model in platform}}


# --- start_run and show_run -------------------------------------------------------------------------------------------


def test_start_run_prints_the_run_its_status_and_the_proposal(world: World, output: Run) -> None:
    printed = json.loads(output("start_run", "new_customer", "--input", json.dumps(FORM), "--json"))

    run = WorkflowRun.objects.get()
    assert printed == {"run_id": run.pk, "status": "awaiting_approval", "proposal_id": run.proposal_id}


def test_start_run_without_a_gate_prints_no_proposal(world: World, output: Run) -> None:
    printed = json.loads(output("start_run", "anomaly_remediation", "--json"))

    assert printed["status"] == "completed"
    assert printed["proposal_id"] is None


def test_start_run_reads_its_inputs_from_a_file(world: World, output: Run, tmp_path: Path) -> None:
    path = tmp_path / "form.json"
    path.write_text(json.dumps({**FORM, "company_name": "Crème & Söhne 🥕"}), encoding="utf-8")

    output("start_run", "new_customer", "--input", f"@{path}")

    assert "Crème & Söhne 🥕" in ProposedAction.objects.get().title


def test_start_run_with_a_known_key_returns_the_run_that_is_there(world: World, output: Run) -> None:
    arguments = ("start_run", "new_customer", "--input", json.dumps(FORM), "--key", "k", "--json")

    assert output(*arguments) == output(*arguments)
    assert WorkflowRun.objects.count() == 1


@pytest.mark.parametrize("extra", [(), ("--json",)])
def test_a_dry_run_shows_the_plan_and_leaves_no_row(world: World, output: Run, extra: tuple[str, ...]) -> None:
    before = rows()

    printed = output("start_run", "new_customer", "--input", json.dumps(FORM), "--dry-run", *extra)

    assert rows() == before
    assert "row.insert" in printed
    assert "netsuite.push" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("no_such_workflow",), "Known: "),
        (("new_customer", "--input", "{"), "not JSON"),
        (("new_customer", "--input", "[]"), "JSON object"),
        (("new_customer", "--input", "@/nowhere/form.json"), "cannot read"),
        (("new_customer", "--input", '{"credit_limit": NaN}'), "not JSON"),
        (("new_customer",), "company_name: is required."),
        (("new_customer", "--input", json.dumps({**FORM, "credit_limit": "much"})), "credit_limit: takes a number"),
        (("new_customer", "--input", json.dumps({**FORM, "colour": "red"})), "colour: new_customer has no such input"),
        (("new_customer", "--input", json.dumps({**FORM, "company_name": ["a"]})), "company_name: takes text"),
        (("new_customer", "--input", json.dumps({**FORM, "company_name": "x" * 201})), "at most 200 characters"),
        (("new_customer", "--input", '{"company_name": "\\ud800"}'), "company_name: cannot be stored"),
        (("new_customer", "--input", json.dumps({**FORM, "company_name": "a\0b"})), "company_name: cannot be stored"),
        (("new_customer", "--input", json.dumps(FORM), "--key", "k" * 101), "--key: give a key of at most 100"),
        (("customer_quote", "--input", '{"item_codes": "MILK"}'), "item_codes: takes a list"),
        (("customer_quote", "--input", '{"include_pdf": "perhaps"}'), "include_pdf: takes true or false"),
        (("customer_quote", "--input", '{"school_year": "next"}'), "school_year: must be a school year such as"),
    ],
)
@pytest.mark.parametrize("extra", [(), ("--dry-run",)])
def test_start_run_says_what_is_wrong_and_leaves_no_row(
    world: World, arguments: tuple[str, ...], sentence: str, extra: tuple[str, ...]
) -> None:
    before = rows()

    code, message = refused("start_run", *arguments, *extra)

    assert code == 2
    assert sentence in message
    assert rows() == before


def test_start_run_names_every_problem_at_once(world: World) -> None:
    _, message = refused("start_run", "new_customer", "--input", '{"credit_limit": "much"}')

    assert [line.partition(":")[0] for line in message.splitlines()] == [
        "company_name",
        "contact_email",
        "billing_address",
        "credit_limit",
    ]


def test_start_run_without_any_contract_says_what_to_do(db: None) -> None:
    assert "load_contracts" in refused("start_run", "new_customer")[1]


def test_show_run_has_exactly_the_documented_keys(world: World, output: Run) -> None:
    item("MILK")
    run = world.through_the_gate("customer_quote", quote_request(customer(), "MILK"))

    shown = json.loads(output("show_run", run.pk, "--json"))

    assert shown.keys() == SHOWN
    assert (shown["status"], shown["workflow_type"], shown["contract_version"]) == ("completed", "customer_quote", 2)
    assert all({"check", "severity", "result"} <= check.keys() for check in shown["preconditions"])
    assert all({"step", "effects"} <= step.keys() for step in shown["plan"])
    assert all(step.keys() == {"name", "item", "kind", "status", "attempts", "error"} for step in shown["steps"])
    assert all(proposal.keys() == {"id", "action_type", "status", "digest"} for proposal in shown["proposals"])
    assert all({"name", "status"} <= result.keys() for result in shown["verify"])
    assert set(shown["events"]) == {"proposed_action.approved", "workflow.completed"}
    assert shown["log"]["status"] == "completed"
    assert shown["inputs"]["item_codes"] == ["MILK"]


@pytest.mark.parametrize("finish", [True, False])
def test_show_run_reads_well_in_every_state(world: World, output: Run, finish: bool) -> None:
    run = world.start("new_customer", FORM)
    if finish:
        world.decide(world.gate(run), "reject")

    printed = output("show_run", run.pk)

    assert "(new_customer v2)" in printed
    assert "company_name = Lakeside Schools" in printed
    assert f"  stands at      {status(run)}" in printed
    assert json.loads(output("show_run", run.pk, "--json"))["status"] == status(run)


def test_show_run_of_nothing_is_refused(db: None) -> None:
    code, message = refused("show_run", "nobody")

    assert code == 1
    assert "nobody" in message


# --- events, ticks, work ----------------------------------------------------------------------------------------------


def test_emit_event_prints_the_event_and_its_runs(db: None, output: Run) -> None:
    on_event("vendor.late")
    arguments = ("emit_event", "vendor.late", "--payload", '{"count": 3}', "--key", "k", "--json")

    printed = json.loads(output(*arguments))

    assert printed == {"event_id": Event.objects.get().pk, "runs": [WorkflowRun.objects.get().pk]}
    assert json.loads(output(*arguments)) == printed
    assert WorkflowRun.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("x", "--key", "k", "--payload", "{"), "not JSON"),
        (("x", "--key", "k", "--payload", "7"), "JSON object"),
        (("x", "--key", " "), "--key"),
        (("x", "--key", "k" * 201), "1 to 200 characters"),
        (("x" * 201, "--key", "k"), "event type"),
        ((" ", "--key", "k"), "event type"),
        (("x", "--key", "k", "--payload", '{"a": "\\ud800"}'), "--payload"),
        (("proposed_action.approved", "--key", "k"), "recorded by decisions and runs only"),
        (("workflow.completed", "--key", "k"), "recorded by decisions and runs only"),
        (("x", "--key", "proposal:1:approved"), "belongs to decisions and runs"),
    ],
)
def test_emit_event_says_what_is_wrong_and_leaves_no_row(db: None, arguments: tuple[str, ...], sentence: str) -> None:
    code, message = refused("emit_event", *arguments)

    assert code == 2
    assert sentence in message
    assert not Event.objects.exists()


def test_tick_and_work_take_an_event_to_its_end(db: None, output: Run) -> None:
    on_event("vendor.late")
    call_command("emit_event", "vendor.late", key="k")

    assert "woken: 0" in output("tick")
    assert output("work", "--once") == "Done: 1.\n"
    assert output("work", "--once") == "Done: 0.\n"
    assert WorkflowRun.objects.get().status == "completed"


@pytest.mark.parametrize("command", ["tick", "run_verify"])
def test_a_moment_that_is_none_is_bad_use(db: None, command: str) -> None:
    code, message = refused(command, "--now", "tomorrow")

    assert code == 2
    assert "'tomorrow' is not a moment" in message


def test_tick_takes_the_moment_it_is_given(world: World, output: Run) -> None:
    WorkflowContract.objects.exclude(workflow_type="ar_aging_action_plan").update(paused=True)
    WorkflowContract.objects.update(activated_at="2026-09-14T09:00:00Z")

    assert "started by cron: 1" in output("tick", "--now", "2026-09-14T10:00:30Z")
    assert "started by cron: 0" in output("tick", "--now", "2026-09-14T10:00:59Z")


def test_run_verify_passes_what_is_there_and_waits_for_the_rest(world: World, output: Run) -> None:
    world.through_the_gate("new_customer", FORM)
    later = VerifyResult.objects.get(name="customer_persisted").due_at

    assert output("run_verify", "--now", later.isoformat()) == "pass: 1\n"
    assert output("run_verify", "--now", later.isoformat()) == "Nothing due.\n"
    assert VerifyResult.objects.get(name="ns_customer_reflects").status == "pending"


# --- hold, memory, not yet --------------------------------------------------------------------------------------------


def test_hold_says_what_it_did(db: None, output: Run) -> None:
    assert output("hold", "on", "--reason", "bank") == "Everything is on hold.\n"
    assert output("hold", "on") == "Everything is on hold, as before.\n"
    assert Hold.objects.get().changed_by == "machine:command"
    assert output("hold", "off") == "Effects and deliveries go on.\n"


def test_hold_says_that_the_database_is_busy(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy() -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(hold, "hold_still", busy)

    assert refused("hold", "on") == (1, "Busy just now; nothing was changed; try again.")
    assert not Hold.objects.filter(on=True).exists()


def test_hold_takes_on_or_off(db: None) -> None:
    assert "perhaps" in refused("hold", "perhaps")[1]
    assert not Hold.objects.filter(on=True).exists()


def test_memory_is_found_by_words_of_the_story_and_of_the_tags(world: World, output: Run) -> None:
    run = world.start("new_customer", FORM)
    world.decide(world.gate(run), "reject", reason="They moved to Zürich")

    assert run.pk in output("search_memory", "zürich new_customer")
    assert output("search_memory", "zürich nowhere") == "Nothing is remembered about that.\n"
    assert "    Onboard Lakeside Schools: ended as rejected" in output("search_memory", "lakeside").splitlines()[1]
    assert ReflexionLog.objects.count() == 1


@pytest.mark.parametrize("words", ["%", "_", "100%", "*", '"'])
def test_a_wildcard_in_a_search_finds_nothing(world: World, output: Run, words: str) -> None:
    world.decide(world.gate(world.start("new_customer", FORM)), "reject", reason="no")

    found = output("search_memory", words)

    assert found == "Nothing is remembered about that.\n"


def test_memory_needs_a_word(db: None) -> None:
    assert refused("search_memory", "  ")[0] == 2
