"""Pausing a workflow in the console: one POST with a reason, and who did it when."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.models import ContractPause, WorkflowContract
from workflows_app.triggers.pause import set_paused

_SHOWN = 5


def pause_part(request: HttpRequest, row: WorkflowContract) -> dict[str, Any]:
    """What the contract's page says about pauses: why the visitor cannot pause, and the latest ones."""
    return {
        "pause_refusal": access.decide_refusal(request.user),
        "pauses": ContractPause.objects.filter(workflow_type=row.workflow_type)[:_SHOWN],
    }


def pause_view(page: Any, request: HttpRequest, workflow_type: str) -> HttpResponse:
    """Pause (`paused=yes`) or let go on (`paused=no`); only by POST, with a reason, for those who may decide."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    refusal = access.decide_refusal(request.user)
    if refusal:
        raise PermissionDenied(refusal)
    row = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True).first()
    if row is None:
        raise Http404(f"There is no active contract {workflow_type}.")
    _set(request, row)
    return HttpResponseRedirect(reverse("admin:workflows_app_workflowcontract_change", args=[row.pk]))


def _set(request: HttpRequest, row: WorkflowContract) -> None:
    paused = request.POST.get("paused") == "yes"
    reason = request.POST.get("reason", "").strip()[:2000]
    if not reason:
        messages.error(request, "Say why: the reason is kept with the pause.")
        return
    person = Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in
    done = set_paused(row.workflow_type, paused, by=person, reason=reason, now=database_now())
    said = "Paused: nothing starts it but a person." if paused else "It goes on with what comes due from now."
    messages.success(request, said if done else "It already stood so.")
