"""What one person handed in: found by the key of the run, which names the form, the person and what was typed."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import QuerySet

from approvals.canonical import canonical, parse, to_json
from approvals.models import Decision, ProposedAction
from workflows_app.admin import access
from workflows_app.admin.intake.fields import said
from workflows_app.admin.intake.standing import Rows, Standing, standing
from workflows_app.admin.search import begins
from workflows_app.contracts.values import thaw
from workflows_app.models import PendingPush, WorkflowContract, WorkflowRun

PAGE_ROWS: Final = 20
_RUN: Final = re.compile(r"[\w-]{1,64}")
_NAMES: Final = ("company_name", "customer_name", "name", "title")


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One run as whoever handed it in sees it."""

    run: WorkflowRun
    name: str
    form: str
    standing: Standing


def key_of(user: access.Visitor, form_key: str, inputs: Mapping[str, Any]) -> str:
    """What a form with these entries starts: sent twice it is one run, sent again with other entries another one."""
    typed = hashlib.sha256(repr(sorted(inputs.items())).encode(errors="replace")).hexdigest()[:16]
    return f"{_of(user)}{form_key}:{typed}"


def submissions(user: access.Visitor, offset: int = 0) -> tuple[Sequence[Submission], bool]:
    """Twenty of the visitor's own, newest first, and whether there are more. A constant number of queries."""
    found = list(_own(user).order_by("-queued_at", "id")[offset : offset + PAGE_ROWS + 1])
    return _read(found[:PAGE_ROWS]), len(found) > PAGE_ROWS


def submission(user: access.Visitor, run_id: str) -> Submission | None:
    """One of the visitor's own, None when there is none of this id."""
    if not _RUN.fullmatch(run_id):
        return None
    return next(iter(_read(list(_own(user).filter(pk=run_id)))), None)


def entries(run: WorkflowRun) -> list[tuple[str, str]]:
    """What was typed, as the form asked for it; without what was left empty."""
    typed = {name: value for name, value in inputs_of(run).items() if value not in (None, "", [], {})}
    return said({name: value if isinstance(value, str) else canonical(value) for name, value in typed.items()})


def inputs_of(run: WorkflowRun) -> dict[str, Any]:
    """What a run was started with, as a form may hold it: numbers and dates are texts."""
    inputs: dict[str, Any] = to_json(thaw(parse(run.inputs)))
    return inputs


def _own(user: access.Visitor) -> "QuerySet[WorkflowRun]":
    """The visitor's runs, by the unique index of their keys."""
    offering = WorkflowContract.objects.filter(source__contains=access.SALES_SOURCE).order_by()
    types = offering.values_list("workflow_type", flat=True).distinct()
    ways = [begins("trigger_key", f"manual:{workflow_type}:{_of(user)}") for workflow_type in types]
    runs = WorkflowRun.objects.select_related("contract").defer("context", "plan", "contract__source")
    return runs.filter(reduce(or_, ways)) if ways else runs.none()


def _of(user: access.Visitor) -> str:
    """By the number of the account: a name may be given to somebody else."""
    return f"intake:{user.pk}:"


def _read(runs: Sequence[WorkflowRun]) -> list[Submission]:
    rows = _rows(runs)
    return [
        Submission(run=run, name=_name(run), form=run.contract.title, standing=standing(run, rows[run.pk]))
        for run in runs
    ]


def _rows(runs: Iterable[WorkflowRun]) -> dict[str, Rows]:
    """What is known about each run, with one query for each kind of row."""
    gates = {run.proposal_id: run.pk for run in runs if run.proposal_id}
    pushes, letters, told = defaultdict(list), defaultdict(list), defaultdict(list)
    for push in PendingPush.objects.filter(proposal_id__in=gates).order_by("created_at", "id"):
        pushes[gates[push.proposal_id]].append(push)
    drafts = ProposedAction.objects.filter(run_id__in=[run.pk for run in runs]).exclude(step="")
    for draft in drafts.only("id", "run_id", "title", "status").order_by("proposed_at", "id"):
        letters[draft.run_id].append(draft)
    for decision in Decision.objects.filter(proposal_id__in=gates).order_by("seq"):
        told[gates[decision.proposal_id]].append(decision)
    return {run.pk: Rows(pushes=pushes[run.pk], letters=letters[run.pk], told=told[run.pk]) for run in runs}


def _name(run: WorkflowRun) -> str:
    """What it is about: the name that was typed, else the form."""
    inputs = inputs_of(run)
    return next((str(inputs[name]) for name in _NAMES if inputs.get(name)), run.contract.title)
