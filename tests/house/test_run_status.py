"""The house rule about the status of a run sees every way of writing it, and nothing else."""

import ast

import pytest

from tests.house.run_status import run_functions, status_writes

WRITES = [
    "WorkflowRun.objects.filter(pk=1).update(status='x')",
    "WorkflowRun.objects.filter(\n    pk=1,\n    fence=2,\n).update(\n    wake_at=None,\n    status='x',\n)",
    "(\n    WorkflowRun.objects\n    .filter(pk=f(1))\n    .update(wake_at=g(2), status='x')\n)",
    "waiting = WorkflowRun.objects.filter(pk=1)\nsome = waiting.exclude(fence=1)\nsome.update(status='x')",
    "ready(now).filter(pk=1).update(status='x')",
    "claim.ready(now).update(status='x')",
    "contract.runs.update(status='x')",
    "WorkflowRun.objects.update(**{'status': 'x'})",
    "end = {'status': 'x'}\nWorkflowRun.objects.update(**end)",
    "WorkflowRun.objects.update_or_create(pk=1, defaults={'status': 'x'})",
    "WorkflowRun.objects.bulk_update(runs, ['status'])",
    "WorkflowRun.objects.create(status='x')",
    "WorkflowRun(status='x')",
    "run.status = 'x'",
    "step.run.status = 'x'",
    "run.wake_at, run.status = None, 'x'",
    "def end(old: WorkflowRun) -> None:\n    old.status = 'x'",
    "for one in WorkflowRun.objects.all():\n    one.status = 'x'",
    "one = WorkflowRun.objects.get(pk=1)\nsetattr(one, 'status', 'x')",
    "if one := WorkflowRun.objects.first():\n    one.status = 'x'",
]
HARMLESS = [
    "WorkflowRun.objects.filter(status='x').update(wake_at=None)",
    "WorkflowRun.objects.filter(\n    status='x'\n).update(\n    wake_at=None\n)",
    "run.steps.update(status='x')",
    "step.status = 'x'",
    "if run.status == 'x':\n    pass",
    "Letter.objects.update(status='x')",
    "step = run.steps.get()\nstep.status = 'x'",
    "def ready(now: int) -> 'QuerySet[Letter]':\n    pass\nready(1).update(status='x')",
    "log = {'status': run.status}\nLetter.objects.create(**log)",
]
READY = ast.parse("def ready(now: int) -> 'QuerySet[WorkflowRun]':\n    pass")


@pytest.mark.parametrize("source", WRITES)
def test_every_way_of_writing_the_status_is_seen(source: str) -> None:
    assert len(status_writes(ast.parse(source), run_functions([READY]))) == 1


@pytest.mark.parametrize("source", HARMLESS)
def test_what_writes_no_status_of_a_run_is_let_pass(source: str) -> None:
    assert status_writes(ast.parse(source), run_functions([READY])) == []
