"""`load_contracts --replay-since`: a new contract sees older events, once, and no other contract sees them again."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from approvals.clock import database_now
from tests.integration.triggers.small import _TEXT, on_event, runs
from workflows_app.models import Event, WorkflowContract
from workflows_app.triggers import events
from workflows_app.triggers.replay import replay

pytestmark = pytest.mark.django_db


def happened(key: str, *, days_ago: float, event_type: str = "vendor.late") -> None:
    """An event that was recorded and dispatched some days ago."""
    event_id = events.emit(event_type, key, {"count": 1})
    events.dispatch()
    Event.objects.filter(pk=event_id).update(recorded_at=database_now() - timedelta(days=days_ago))


def text_file(folder: Path, name: str = "listener") -> str:
    """A contract file that listens to `vendor.late`."""
    path = folder / f"{name}.v1.yaml"
    path.write_text(_TEXT.format(name=name, version=1, trigger="{kind: event, sources: [vendor.late]}"))
    return str(path)


def moment(days_ago: float) -> str:
    """A moment for the command."""
    return (database_now() - timedelta(days=days_ago)).isoformat()


def test_without_it_a_new_contract_sees_no_older_event(tmp_path: Path) -> None:
    happened("k1", days_ago=1)

    call_command("load_contracts", text_file(tmp_path))
    events.dispatch()

    assert runs() == []


def test_it_sees_the_events_since_then(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for key, days in (("old", 9), ("b", 2), ("a", 3)):
        happened(key, days_ago=days)
    happened("other", days_ago=1, event_type="vendor.early")

    call_command("load_contracts", text_file(tmp_path), "--replay-since", moment(5))

    by_id = dict(Event.objects.values_list("pk", "idempotency_key"))
    assert {by_id[run.trigger_key.rpartition(":")[2]] for run in runs()} == {"a", "b"}
    assert "2 runs started" in capsys.readouterr().out


def test_asking_again_starts_nothing_twice(tmp_path: Path) -> None:
    happened("k1", days_ago=1)
    path = text_file(tmp_path)

    for _ in range(2):
        call_command("load_contracts", path, "--replay-since", moment(5))

    assert len(runs()) == 1


def test_no_other_contract_sees_them_again(tmp_path: Path) -> None:
    happened("k1", days_ago=1)
    on_event("vendor.late", name="other", at=database_now())

    call_command("load_contracts", text_file(tmp_path), "--replay-since", moment(5))
    events.dispatch()

    assert [run.workflow_type for run in runs()] == ["listener"]


def test_what_came_while_it_was_active_is_left_alone() -> None:
    row = on_event("vendor.late", at=database_now() - timedelta(days=2))
    WorkflowContract.objects.filter(pk=row.pk).update(paused=True)
    happened("while_paused", days_ago=1)
    WorkflowContract.objects.filter(pk=row.pk).update(paused=False)

    assert replay(["listener"], database_now() - timedelta(days=5), database_now()) == 0


def test_a_paused_contract_starts_nothing(tmp_path: Path) -> None:
    happened("k1", days_ago=1)
    row = on_event("vendor.late", at=database_now())
    WorkflowContract.objects.filter(pk=row.pk).update(paused=True)

    assert replay(["listener"], database_now() - timedelta(days=5), database_now()) == 0
    assert runs() == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--replay-since", "soon"], "moment"), (["--replay-since", "2999-01-01"], "past"),
     (["--replay-since", "2026-01-01", "--check"], "choose one")],
)  # fmt: skip
def test_bad_use_changes_nothing(tmp_path: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says) as error:
        call_command("load_contracts", text_file(tmp_path), *arguments)

    assert error.value.returncode == 2
    assert not WorkflowContract.objects.exists()
