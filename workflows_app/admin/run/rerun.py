"""Run the rest again: a page that says what is reused, done and would repeat, and one POST that starts it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from approvals.canonical import parse
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.run.names import item_names, place
from workflows_app.admin.run.posts import to_run
from workflows_app.admin.run.titles import title as title_of
from workflows_app.admin.run.titles import with_titles
from workflows_app.contracts.problems import ContractErrors
from workflows_app.effects.difference import Place
from workflows_app.models import WorkflowRun
from workflows_app.presentation import words
from workflows_app.presentation.card import CheckView, read_check
from workflows_app.presentation.effects import EffectView, present
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.runner.release import ReleaseError
from workflows_app.triggers import rerun

_ERRORS = (rerun.NotContinuedError, ContractErrors, ReleaseError, *READING_ERRORS)


@dataclass(frozen=True, kw_only=True)
class RestView:
    """One item of the preview: what would be done now, and what was done and would repeat."""

    rest: rerun.Rest
    title: str
    effects: tuple[EffectView, ...]
    repeats: tuple[EffectView, ...]

    @property
    def kind(self) -> str:
        """What the step deals with, in words."""
        return words.step_kind(self.rest.kind)


def rerun_view(page: Any) -> Callable[[HttpRequest, str], HttpResponse]:
    """The preview (GET, which writes nothing) and the start (POST) of the model admin `page`."""

    def view(request: HttpRequest, object_id: str) -> HttpResponse:
        old = _old(page, request, object_id)
        if request.method != "POST":
            return _preview(page, request, old)
        refusal = access.decide_refusal(request.user)
        if refusal:
            raise PermissionDenied(refusal)
        return _start(request, old)

    return view


def _old(page: Any, request: HttpRequest, object_id: str) -> WorkflowRun:
    if not page.has_view_permission(request):
        raise PermissionDenied
    old = WorkflowRun.objects.select_related("contract").filter(pk=unquote(object_id)).first()
    if old is None:
        raise Http404(f"There is no run {object_id}.")
    return old


def _preview(page: Any, request: HttpRequest, old: WorkflowRun) -> HttpResponse:
    checks, rest, problem = _planned(old, _principal(request))
    context = {
        **page.admin_site.each_context(request),
        "opts": page.model._meta,
        "title": "Run the rest again",
        "run": old,
        "about": title_of(with_titles(WorkflowRun.objects.filter(pk=old.pk)).get()),
        "checks": checks,
        "rest": rest,
        "problem": problem,
        "refusal": access.decide_refusal(request.user),
    }
    return TemplateResponse(request, "admin/countersign/rerun.html", context)


def _planned(old: WorkflowRun, by: Principal) -> tuple[list[CheckView], list[RestView], str]:
    """The preview, or why there is none."""
    try:
        found = rerun.preview(old, by)
    except _ERRORS as error:
        return [], [], str(error)
    names = item_names(parse(old.plan))
    return [read_check(check) for check in found.checks], [_view(rest, names) for rest in found.rest], ""


def _view(rest: rerun.Rest, names: Mapping[Place, str]) -> RestView:
    return RestView(
        rest=rest,
        title=place(rest.step, rest.item, names),
        effects=present(rest.effects),
        repeats=present(rest.repeats),
    )


def _start(request: HttpRequest, old: WorkflowRun) -> HttpResponse:
    try:
        run = rerun.start(old, principal=_principal(request))
    except _ERRORS as error:
        messages.error(request, str(error))
        return to_run(old.pk)
    messages.success(request, f"This run continues the other one; it is {run.get_status_display().lower()} now.")
    if run.status == "awaiting_approval":
        return HttpResponseRedirect(reverse("admin:approvals_proposedaction_change", args=[quote(run.proposal_id)]))
    return to_run(run.pk)


def _principal(request: HttpRequest) -> Principal:
    return Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in
