"""What every page of the console says first: what is silent, a hold, and how many alerts are open."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from approvals.clock import database_now
from workflows_app.presentation.people import told
from workflows_app.triggers.health import Health, look


def banner(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Nothing is read before a page of the console shows it, and only for who may see alerts."""
    return {"health": SimpleLazyObject(lambda: _health(request))}


def _health(request: HttpRequest) -> Health | None:
    user = getattr(request, "user", None)
    if user is None or not user.has_perm("workflows_app.view_alert"):
        return None
    health = look(database_now())
    return replace(health, silent=tuple(replace(each, sentence=told(each.sentence)) for each in health.silent))
