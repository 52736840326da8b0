"""Start a contract by hand: a form, a dry run of it, and one POST."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from approvals.canonical import canonical
from approvals.models import ProposalStatus, ProposedAction
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.contracts.dry_run import Preview, preview
from workflows_app.admin.contracts.pickers import by_id, source_of
from workflows_app.admin.contracts.start_form import StartField, blank_form, read_form, typed_form
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.admin.run.titles import title, with_titles
from workflows_app.contracts.schema import Contract, InputSpec
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner.inputs import InputError
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers import manual

_KEY: Final = re.compile(r"[0-9a-f-]{36}")
_LATELY: Final = 200
_SHOWN: Final = 10


@dataclass(frozen=True, kw_only=True)
class Start:
    """One visit to the form: who, and which active contract. `key` makes starting twice one run."""

    page: Any
    request: HttpRequest
    row: WorkflowContract
    contract: Contract
    key: str

    @property
    def principal(self) -> Principal:
        """The visitor."""
        return _principal(self.request)

    def inputs(self) -> dict[str, Any]:
        """What was typed, with ids in the place of names. Raises `InputError`."""
        typed, errors = read_form(self.contract, self.request.POST)
        values, unclear = by_id(self.contract, typed)
        if errors or unclear:
            raise InputError({**errors, **unclear})
        return values


def start_view(page: Any, request: HttpRequest, workflow_type: str) -> HttpResponse:
    """The form (GET), a dry run of it and the start (POST). A double click finds the run of the first one."""
    row, contract = startable(request, workflow_type)
    if request.method != "POST":
        start = Start(page=page, request=request, row=row, contract=contract, key=str(uuid.uuid4()))
        return _form(start, blank_form(contract))
    key = request.POST.get("key", "")
    key = key if _KEY.fullmatch(key) else str(uuid.uuid4())
    return _answer(Start(page=page, request=request, row=row, contract=contract, key=key))


def startable(request: HttpRequest, workflow_type: str) -> tuple[WorkflowContract, Contract]:
    """The active contract that the visitor may start. Raises `Http404` and `PermissionDenied`.

    Here one sees what is read for a run, and names that are looked up: whoever only hands in forms has the intake.
    """
    if not request.user.has_perm("workflows_app.view_workflowrun"):
        raise PermissionDenied("Starting by hand takes the right to see runs; the intake form is under Intake.")
    row = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True).first()
    if row is None:
        raise Http404(f"There is no active contract {workflow_type}.")
    contract = contract_or_problem(row)
    if isinstance(contract, str):
        raise Http404(f"The contract {workflow_type} does not load: {contract}")
    refusal = access.start_refusal(request.user, contract)
    if refusal:
        raise PermissionDenied(refusal)
    return row, contract


def _answer(start: Start) -> HttpResponse:
    """More lines for lists, a dry run, or the start; what is wrong comes back with all that was typed."""
    posted, does = start.request.POST, start.request.POST.get("do", "start")
    if does in ("more", "change"):
        return _form(start, typed_form(start.contract, posted, {}, more=does == "more"))
    try:
        return _dry(start) if does == "dry" else _start(start)
    except InputError as error:
        return _form(start, typed_form(start.contract, posted, error.errors), status=422)
    except READING_ERRORS as error:
        messages.error(start.request, f"It cannot be planned: {error}")
        return _form(start, typed_form(start.contract, posted, {}), status=422)


def _dry(start: Start) -> HttpResponse:
    found = preview(start.row, start.contract, start.inputs(), start.principal)
    return _form(start, typed_form(start.contract, start.request.POST, {}), found=found)


def _start(start: Start) -> HttpResponse:
    run = manual.start(start.row, start.inputs(), principal=start.principal, key=f"form:{start.key}")
    _say(start.request, run)
    return HttpResponseRedirect(_after(start.request, run))


def _say(request: HttpRequest, run: WorkflowRun) -> None:
    """One sentence about how the run stands after its start."""
    if run.status in ("blocked", "failed"):
        messages.error(request, f"It was started, and ended as {run.status}: {run.error}")
    else:
        messages.success(request, f"Started; it is {run.get_status_display().lower()} now.")


def _form(
    start: Start, form: tuple[StartField, ...], *, found: Preview | None = None, status: int = 200
) -> HttpResponse:
    """The form, what a dry run of it found, and what the visitor started lately."""
    context = {
        "title": f"Start: {start.contract.title}",
        "row": start.row,
        "contract": start.contract,
        "form": form,
        "preview": found,
        "sent": tuple(_sent(start)) if found else (),
        "picks": sorted({name for spec in start.contract.inputs for name in _picks(spec)}),
        "key": start.key,
        "wrong": any(field.error for field in form),
        "recent": _recent(start),
    }
    return _page(start.page, start.request, "admin/countersign/start.html", context, status)


def _sent(start: Start) -> Iterator[tuple[str, str]]:
    """Every field as it was sent, to be sent once more."""
    own = {"csrfmiddlewaretoken", "do", "key"}
    for name, values in start.request.POST.lists():
        yield from ((name, value) for value in values if name not in own and isinstance(value, str))


def _picks(spec: InputSpec) -> tuple[str, ...]:
    """The inputs of which values are looked up: its own name, or those of the objects of a list."""
    named = [field.name for field in spec.fields if source_of(field.name, field.type)]
    return (spec.name,) if source_of(spec.name, spec.type) else tuple(named)


def _recent(start: Start) -> list[tuple[str, WorkflowRun]]:
    """What the visitor started lately, by name: of the workflow's newest runs, as no index knows who started one."""
    newest = WorkflowRun.objects.filter(workflow_type=start.row.workflow_type).order_by("-queued_at")
    mine = _mine(start.request)
    keys = [key for key, trigger in newest.values_list("pk", "trigger")[:_LATELY] if mine in trigger][:_SHOWN]
    runs = with_titles(WorkflowRun.objects.filter(pk__in=keys)).defer("context", "plan", "checks")
    return [(title(run), run) for run in runs.order_by("-queued_at")]


def _page(page: Any, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    everywhere = page.admin_site.each_context(request)
    return TemplateResponse(request, template, {**everywhere, "opts": page.model._meta, **context}, status=status)


def _after(request: HttpRequest, run: WorkflowRun) -> str:
    """The card when it waits for the visitor's decision, else the run."""
    waiting = ProposedAction.objects.filter(run_id=run.pk, step="", status=ProposalStatus.PENDING).first()
    if waiting is not None and not access.decide_refusal(request.user):
        return reverse("admin:approvals_proposedaction_change", args=[quote(waiting.pk)])
    return reverse("admin:workflows_app_workflowrun_change", args=[quote(run.pk)])


def _principal(request: HttpRequest) -> Principal:
    return Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in


def _mine(request: HttpRequest) -> str:
    """How the canonical text of a trigger names the visitor."""
    return f'"principal":{canonical(str(_principal(request)))}'
