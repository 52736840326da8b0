"""The page that searches the memory. It only shows."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from workflows_app.admin.memory.page import memory_page
from workflows_app.admin.memory.question import Question


@require_safe
def memory(request: HttpRequest) -> HttpResponse:
    """The question, and what is remembered about it; without a question, what was remembered last."""
    if not request.user.has_perm("workflows_app.view_reflexionlog"):
        raise PermissionDenied
    page = memory_page(Question.read(request.GET))
    context = {**admin.site.each_context(request), "title": "Memory", "page": page}
    return TemplateResponse(request, "admin/countersign/memory.html", context)
