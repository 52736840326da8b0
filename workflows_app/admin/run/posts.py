"""What a person may do with a run that is under way, by POST; every answer is a message on the run's page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from workflows_app.admin import access
from workflows_app.models import WorkflowRun
from workflows_app.runner.intervene import KINDS, What, Wish, intervene

Post = Callable[[HttpRequest, str], HttpResponse]


def intervention(what: What) -> Post:
    """The view of one intervention: POST only, only for those who may decide."""

    def view(request: HttpRequest, object_id: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        run_id = _run_of_decider(request, object_id)
        if what == "cancel" and request.POST.get("confirm") != "yes":
            messages.error(request, "Tick that you want to cancel this run.")
            return to_run(run_id)
        answer = intervene(_wish(request, run_id, what), user=request.user, channel="admin")
        messages.add_message(request, messages.SUCCESS if answer.done else messages.ERROR, answer.message)
        return to_run(run_id)

    return view


INTERVENTIONS = {what: intervention(what) for what in KINDS}


def to_run(run_id: str) -> HttpResponse:
    """Back to the run's page."""
    return HttpResponseRedirect(reverse("admin:workflows_app_workflowrun_change", args=[quote(run_id)]))


def _run_of_decider(request: HttpRequest, object_id: str) -> str:
    refusal = access.decide_refusal(request.user)
    if refusal:
        raise PermissionDenied(refusal)
    run_id = unquote(object_id)
    if not WorkflowRun.objects.filter(pk=run_id).exists():
        raise Http404(f"There is no run {object_id}.")
    return run_id


def _wish(request: HttpRequest, run_id: str, what: What) -> Wish:
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in ("step", "item", "reason")}
    seen = request.POST.get("seen", "")
    known = seen.isascii() and seen.isdigit() and len(seen) < 9
    return Wish(run_id=run_id, what=what, seen=int(seen) if known else None, **typed)
