"""The pages of the intake. One POST starts a run; everything else only shows, and only what is the visitor's own."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.contracts.start_form import read_form
from workflows_app.admin.intake import form as forms
from workflows_app.admin.intake.alike import look
from workflows_app.admin.intake.asking import may_ask
from workflows_app.admin.intake.submissions import PAGE_ROWS, entries, key_of, submission, submissions
from workflows_app.admin.navigation import intakes
from workflows_app.runner.inputs import InputError
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.triggers import manual

_MOST_PAGES = 500


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the visitor handed in, and the forms there are."""
    if not access.hands_in(request.user):
        raise PermissionDenied("Handing in a form takes the group Sales or Approvers.")
    page = _page_number(request)
    found, more = submissions(request.user, (page - 1) * PAGE_ROWS)
    context = {
        "title": "My submissions",
        "submissions": found,
        "intakes": intakes(request),
        "newer": page - 1,
        "older": page + 1 if more and page < _MOST_PAGES else 0,
    }
    return _page(request, "admin/countersign/intake_mine.html", context)


@require_safe
def one(request: HttpRequest, run_id: str) -> HttpResponse:
    """How one of the visitor's own submissions stands."""
    found = submission(request.user, run_id)
    if found is None:
        raise Http404("You have handed in no such thing.")
    context = {"title": found.name, "submission": found, "entries": entries(found.run)}
    return _page(request, "admin/countersign/intake_one.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, workflow_type: str) -> HttpResponse:
    """The form (GET), and handing it in (POST). `?again=<run>` fills in what was handed in before."""
    row, contract = forms.offered(request.user, workflow_type)
    if request.method == "POST":
        return _hand_in(request, row, contract)
    before = submission(request.user, request.GET.get("again", ""))
    same = before is not None and before.run.workflow_type == workflow_type
    return _show(request, forms.blank(row, contract, before.run if before and same else None))


@require_POST
def alike(request: HttpRequest, workflow_type: str) -> HttpResponse:
    """The customers that look like what is typed, to put into the form. Sent by POST so that no address holds it."""
    _row, contract = forms.offered(request.user, workflow_type)
    return render(request, "admin/countersign/intake_alike.html", _alike(request, contract))


def _hand_in(request: HttpRequest, row: Any, contract: Any) -> HttpResponse:
    inputs, errors = read_form(contract, request.POST)
    try:
        if errors:
            raise InputError(errors)
        key = key_of(request.user, forms.form_key(request.POST), inputs)
        person = Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in
        run = manual.start(row, inputs, principal=person, key=key, source=access.SALES_SOURCE)
    except InputError as error:
        return _show(request, forms.typed(row, contract, request.POST, error.errors))
    except READING_ERRORS as error:
        return _show(request, forms.typed(row, contract, request.POST, {}, f"It cannot be handed in: {error}"))
    if run.status == "blocked":
        messages.warning(request, "Handed in, but it cannot be done; the reason is below.")
    else:
        messages.success(request, "Handed in. This page says how it stands.")
    return HttpResponseRedirect(reverse("intake:submission", args=[run.pk]))


def _show(request: HttpRequest, shown: forms.Form) -> HttpResponse:
    """The form; with the customers that look alike when it comes back, for whom no script tells while typing."""
    found = _alike(request, shown.contract) if request.method == "POST" else {}
    context = {"title": shown.contract.title, "form": shown, **found}
    status = 422 if shown.wrong or shown.problem else 200
    return _page(request, "admin/countersign/intake.html", context, status)


def _alike(request: HttpRequest, contract: Any) -> dict[str, Any]:
    """What looks alike; nothing for somebody who asks too often and may not see all customers anyway."""
    if not may_ask(request.user):
        return {"alike": (), "too_often": True}
    return {"alike": look(forms.compared(contract, request.POST))}


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def _page_number(request: HttpRequest) -> int:
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    return min(max(number, 1), _MOST_PAGES)
