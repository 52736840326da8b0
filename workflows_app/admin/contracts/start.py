"""Start a contract by hand: a form, one POST, and a page that says how the run is doing."""

import re
import uuid
from typing import Any

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
from workflows_app.admin.contracts.start_form import StartField, blank_form, read_form, typed_form
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner.inputs import InputError
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers import manual

_KEY = re.compile(r"[0-9a-f-]{36}")


def start_view(page: Any, request: HttpRequest, workflow_type: str) -> HttpResponse:
    """The form (GET) and the start (POST) of the active version. A double click finds the run of the first one."""
    row = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True).first()
    if row is None:
        raise Http404(f"There is no active contract {workflow_type}.")
    contract = contract_or_problem(row)
    if isinstance(contract, str):
        raise Http404(f"The contract {workflow_type} does not load: {contract}")
    refusal = access.start_refusal(request.user, contract)
    if refusal:
        raise PermissionDenied(refusal)
    if request.method != "POST":
        return _form(page, request, row, contract, blank_form(contract), str(uuid.uuid4()))
    return _start(page, request, row, contract)


def _start(page: Any, request: HttpRequest, row: WorkflowContract, contract: Contract) -> HttpResponse:
    key = request.POST.get("key", "")
    if not _KEY.fullmatch(key):
        key = str(uuid.uuid4())
    inputs, errors = read_form(contract, request.POST)
    try:
        if errors:
            raise InputError(errors)
        run = manual.start(row, inputs, principal=_principal(request), key=f"form:{key}")
    except InputError as error:
        typed = typed_form(contract, request.POST, error.errors)
        return _form(page, request, row, contract, typed, key, status=422)
    except READING_ERRORS as error:
        messages.error(request, f"It cannot be planned: {error}")
        return _form(page, request, row, contract, typed_form(contract, request.POST, {}), key, status=422)
    _say(request, run)
    return HttpResponseRedirect(_after(request, run))


def _say(request: HttpRequest, run: WorkflowRun) -> None:
    """One sentence about how the run stands after its start."""
    if run.status in ("blocked", "failed"):
        messages.error(request, f"It was started, and ended as {run.status}: {run.error}")
    else:
        messages.success(request, f"Started; it is {run.get_status_display().lower()} now.")


def started_view(page: Any, request: HttpRequest, run_id: str) -> HttpResponse:
    """How a run that the visitor handed in is doing. For people who may not see runs in general."""
    run = WorkflowRun.objects.filter(pk=run_id, trigger__contains=_mine(request)).first()
    if run is None:
        raise Http404("You have handed in no such run.")
    proposals = ProposedAction.objects.filter(run_id=run.pk).defer("effects").order_by("proposed_at", "id")
    return _page(
        page, request, "admin/countersign/started.html", {"title": "Handed in", "run": run, "proposals": proposals}
    )


def _form(
    page: Any,
    request: HttpRequest,
    row: WorkflowContract,
    contract: Contract,
    form: tuple[StartField, ...],
    key: str,
    status: int = 200,
) -> HttpResponse:
    """The form, and what the visitor handed in lately."""
    mine = WorkflowRun.objects.filter(workflow_type=row.workflow_type, trigger__contains=_mine(request))
    context = {
        "title": f"Start: {contract.title}",
        "row": row,
        "contract": contract,
        "form": form,
        "key": key,
        "wrong": any(field.error for field in form),
        "recent": mine.only("id", "status", "queued_at", "error").order_by("-queued_at")[:10],
    }
    return _page(page, request, "admin/countersign/start.html", context, status)


def _page(page: Any, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    everywhere = page.admin_site.each_context(request)
    return TemplateResponse(request, template, {**everywhere, "opts": page.model._meta, **context}, status=status)


def _after(request: HttpRequest, run: WorkflowRun) -> str:
    """The card when it waits for the visitor's decision, else the run, else the page for those who only hand in."""
    may_see = request.user.has_perm("workflows_app.view_workflowrun")
    waiting = ProposedAction.objects.filter(run_id=run.pk, step="", status=ProposalStatus.PENDING).first()
    if may_see and waiting is not None and not access.decide_refusal(request.user):
        return reverse("admin:approvals_proposedaction_change", args=[quote(waiting.pk)])
    if may_see:
        return reverse("admin:workflows_app_workflowrun_change", args=[quote(run.pk)])
    return reverse("admin:contract_started", args=[run.pk])


def _principal(request: HttpRequest) -> Principal:
    return Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in


def _mine(request: HttpRequest) -> str:
    """How the canonical text of a trigger names the visitor."""
    return f'"principal":{canonical(str(_principal(request)))}'
