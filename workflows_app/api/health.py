"""`/healthz` and `/healthz/scheduler`: small answers for load balancers and monitors, without details, for anybody.

A web process is healthy when it reaches the database. A silent scheduler is not its fault: taking the web processes
out of service for it would take the console away when it is needed; that is a second address.
"""

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from approvals.clock import database_now
from workflows_app.triggers.silence import silences


@require_safe
def web(request: HttpRequest) -> JsonResponse:
    """200 when this process reaches the database, else 503."""
    try:
        database_now()
    except DatabaseError:
        return _answer(good=False)
    return _answer(good=True)


@require_safe
def scheduler(request: HttpRequest) -> JsonResponse:
    """200 when nothing is silent, else 503; `manage.py health` says what and why."""
    try:
        return _answer(good=not silences(database_now()))
    except DatabaseError:
        return _answer(good=False)


def _answer(*, good: bool) -> JsonResponse:
    response = JsonResponse({"status": "ok" if good else "unwell"}, status=200 if good else 503)
    response["Cache-Control"] = "no-store"
    return response
