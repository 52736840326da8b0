"""A form whose token is not the browser's any more, most often after a login in another tab: nothing was done."""

from urllib.parse import urlsplit

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page that says so, and how what was typed is not lost (`CSRF_FAILURE_VIEW`).

    It shows nothing of what was sent: that may be somebody else's.
    """
    look = {**admin.site.each_context(request), "site_url": None}
    return render(request, "account/old_form.html", {**look, "before": _page_before(request)}, status=403)


def _page_before(request: HttpRequest) -> str:
    """The page of ours from which the form was sent, or nothing."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
