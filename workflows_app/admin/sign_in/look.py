"""The pages of allauth in the look of the console."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

_OWN = ("account_", "mfa_")


def look(request: HttpRequest) -> dict[str, Any]:
    """A context processor: what unfold's templates want to know, on the pages of the login only."""
    match = request.resolver_match
    if match is None or not (match.url_name or "").startswith(_OWN):
        return {}
    return {**admin.site.each_context(request), "site_url": None}
