"""Contracts that do no more than their trigger needs: each run records one event of its own."""

import hashlib
from datetime import datetime

from tests.world import LONG_AGO, release_text
from workflows_app.models import WorkflowContract, WorkflowRun

_TEXT = """\
workflow_type: {name}
contract_version: {version}
title: {name}
category: Test
risk_level: 1
description: Records that it ran.
trigger: {trigger}
inputs:
  - {{name: run_id, type: string}}
  - {{name: count, type: integer}}
fan_out:
  - name: say_so
    kind: d1_write
    operations:
      - event: {{type: {name}.done, key: "{name}:${{{{ run.id }}}}", payload: {{count: "${{{{ inputs.count }}}}"}}}}
retry: {{max_attempts: 1}}
"""


def on_cron(
    cron: str, *, name: str = "clock", at: datetime, tz: str = "UTC", catch_up: int = 60, version: int = 1
) -> WorkflowContract:
    """A contract with a cron trigger, active since `at`."""
    trigger = f'{{kind: cron, cron: "{cron}", tz: {tz}, catch_up_minutes: {catch_up}}}'
    return release_text(_TEXT.format(name=name, version=version, trigger=trigger), at=at)


def on_event(*sources: str, name: str = "listener", at: datetime = LONG_AGO, version: int = 1) -> WorkflowContract:
    """A contract that listens to events; each of its runs records `<name>.done`."""
    trigger = f"{{kind: event, sources: [{', '.join(sources)}]}}"
    return release_text(_TEXT.format(name=name, version=version, trigger=trigger), at=at)


def runs(name: str = "") -> list[WorkflowRun]:
    """Every run, or those of one workflow, oldest first."""
    found = WorkflowRun.objects.order_by("queued_at")
    return list(found.filter(workflow_type=name) if name else found)


def on_approval(action_type: str, *, name: str = "follower") -> WorkflowContract:
    """A contract that is started by the approval of a proposal."""
    trigger = f"{{kind: hitl_approval, event: proposed_actions approved with action_type={action_type}}}"
    return release_text(_TEXT.format(name=name, version=1, trigger=trigger))


def spoil(row: WorkflowContract) -> None:
    """Make a released contract one that does not load any more, as when what it names has gone since."""
    source = row.source.replace("retry:", "gone_since:")
    assert source != row.source
    WorkflowContract.objects.filter(pk=row.pk).update(source=source, sha256=hashlib.sha256(source.encode()).hexdigest())


def mend(row: WorkflowContract) -> None:
    """Put the released text back."""
    WorkflowContract.objects.filter(pk=row.pk).update(source=row.source, sha256=row.sha256)
