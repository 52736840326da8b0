"""A pass of a worker: what cannot go on keeps nothing else from going on."""

import pytest

from tests.integration.triggers.small import mend, on_event, runs, spoil
from tests.world import status
from workflows_app.models import Alert
from workflows_app.triggers import events
from workflows_app.triggers.work import work

pytestmark = pytest.mark.django_db


def test_a_run_whose_contract_does_not_load_keeps_no_other_from_going_on() -> None:
    broken = on_event("vendor.late", name="broken")
    on_event("vendor.late", name="sound")
    events.emit("vendor.late", "k", {})
    events.dispatch()
    spoil(broken)

    assert [work(), work()] == [1, 0]

    assert {run.workflow_type: status(run) for run in runs()} == {"broken": "queued", "sound": "completed"}
    assert "broken v1 does not load" in Alert.objects.get().message


def test_a_run_goes_on_when_its_contract_loads_again() -> None:
    row = on_event("vendor.late", name="broken")
    events.emit("vendor.late", "k", {})
    events.dispatch()
    spoil(row)
    work()
    mend(row)

    assert work() == 1
    assert [status(run) for run in runs()] == ["completed"]
