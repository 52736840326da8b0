"""`/api/runs` and `/api/proposals`: what the commands print, and gated runs started by a machine that never decides."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approvals.models import Decision, ProposedAction
from tests.integration.api.calling import FORM, headers, post
from tests.world import World, snapshot
from workflows_app.api import runs
from workflows_app.models import WorkflowContract, WorkflowRun

ALL = ("events:write", "runs:read", "runs:start", "mail:write")


def start(data: object = None, *scopes: str, **changed: Any) -> Any:
    """Start a workflow."""
    wish = {"workflow_type": "new_customer", "inputs": FORM, "key": "k1"} | changed
    return post("/api/runs", wish if data is None else data, headers(*(scopes or ALL)))


def get(path: str, *scopes: str) -> Any:
    """Read."""
    return Client().get(path, headers=headers(*(scopes or ALL)))


def test_a_run_waits_for_a_decision_and_names_the_machine(world: World) -> None:
    before = snapshot()

    answer = start()

    run = WorkflowRun.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"run_id": run.pk, "status": "awaiting_approval", "proposal_id": run.proposal_id}
    assert json.loads(run.trigger)["principal"] == "machine:shop"
    assert snapshot() == before
    assert not Decision.objects.exists()


def test_the_same_key_and_inputs_are_one_run(world: World) -> None:
    assert start().json() == start().json()
    assert WorkflowRun.objects.count() == 1


def test_a_key_with_other_inputs_is_409(world: World) -> None:
    start()

    assert start(inputs=FORM | {"company_name": "Other"}).status_code == 409
    assert WorkflowRun.objects.count() == 1


def test_another_machine_has_keys_of_its_own(world: World) -> None:
    first = start().json()["run_id"]

    wish = {"workflow_type": "new_customer", "inputs": FORM | {"company_name": "Hill Cafe"}, "key": "k1"}
    second = post("/api/runs", wish, headers(*ALL, name="other"))

    assert second.status_code == 201
    assert second.json()["run_id"] != first


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"workflow_type": "nothing"}, 404, "nothing"),
        ({"workflow_type": "x' OR 1"}, 422, "workflow_type"),
        ({"inputs": {}}, 422, "company_name"),
        ({"inputs": FORM | {"more": 1}}, 422, "more"),
        ({"inputs": []}, 422, "inputs"),
        ({"key": ""}, 422, "key"),
        ({"key": "x" * 81}, 422, "key"),
        ({"decide": "approve"}, 422, "decide"),
        ({"workflow_type": "quote_draft", "inputs": {}}, 403, "without a decision"),
    ],
)
def test_what_cannot_start_says_why_and_leaves_no_run(
    world: World, changed: dict[str, Any], status: int, says: str
) -> None:
    answer = start(**changed)

    assert (answer.status_code, says in answer.json()["error"]) == (status, True)
    assert not WorkflowRun.objects.exists()


def test_a_paused_workflow_is_not_started(world: World) -> None:
    WorkflowContract.objects.update(paused=True)

    assert start().status_code == 409
    assert not WorkflowRun.objects.exists()


def test_a_busy_database_is_503(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*arguments: object, **named: object) -> None:
        raise OperationalError("database is locked: secret detail")

    monkeypatch.setattr(runs, "start_once", locked)

    answer = start()

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "secret" not in answer.content.decode()


def test_reading_gives_what_the_commands_print(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = start().json()["run_id"]
    call_command("show_run", run_id, "--json")
    shown = json.loads(capsys.readouterr().out)
    call_command("proposals", "--json")
    listed = json.loads(capsys.readouterr().out)

    assert get(f"/api/runs/{run_id}").json() == shown
    assert get("/api/proposals").json() == listed


def test_proposals_are_narrowed_and_never_more_than_asked_for(world: World) -> None:
    for number in range(3):
        start(key=f"k{number}", inputs=FORM | {"company_name": f"Customer {number}"})

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(get("/api/proposals?limit=2").json()) == 2
    assert len([query for query in queries if "proposed_actions" in query["sql"]]) == 1
    assert len(get("/api/proposals?status=pending").json()) == 3
    assert get("/api/proposals?status=approved").json() == []
    for wrong in ("status=done", "limit=0", "limit=201", "limit=x"):
        assert get(f"/api/proposals?{wrong}").status_code == 422


@pytest.mark.parametrize("path", ["/api/runs/nothing", "/api/runs/a.b", "/api/runs/" + "x" * 200])
def test_a_run_that_is_not_there_is_4xx(db: None, path: str) -> None:
    answer = get(path)

    assert answer.status_code in {404, 422}
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("path", ["/api/runs/x", "/api/proposals"])
def test_reading_takes_the_scope(db: None, path: str) -> None:
    assert get(path, "events:write", "runs:start").status_code == 403
    assert Client().get(path).status_code == 401


def test_starting_takes_the_scope(world: World) -> None:
    assert start(None, "runs:read", "events:write").status_code == 403
    assert not WorkflowRun.objects.exists()


def test_no_endpoint_decides(world: World) -> None:
    start()
    proposal = ProposedAction.objects.get()
    head = headers(*ALL)

    for path in ("decide", "approve", "reject", ""):
        for place in (f"/api/proposals/{proposal.pk}/{path}", f"/api/proposals/{path}"):
            post(place, {"verdict": "approve", "digest": proposal.digest}, head)

    proposal.refresh_from_db()
    assert proposal.status == "pending"
    assert not Decision.objects.exists()
