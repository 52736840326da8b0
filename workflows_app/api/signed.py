"""Endpoints that only our own runner may call."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from approvals.clock import database_now
from workflows_app.api.answers import problem
from workflows_app.delivery import signature

View = Callable[[HttpRequest], HttpResponse]


def signed(view: View) -> View:
    """Let `view` be called only with a valid service signature; it takes the place of the CSRF token."""

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        try:
            signature.verify(_call(request), request.headers, database_now())
        except RequestDataTooBig:
            return problem(413, "The body is too large.")
        except signature.SignatureError as error:
            answer = problem(401, f"This endpoint takes signed calls only: {error}.")
            answer["WWW-Authenticate"] = "Countersign"
            return answer
        return view(request)

    return checked


def _call(request: HttpRequest) -> signature.Call:
    """What the caller must have signed."""
    query = request.META.get("QUERY_STRING", "")
    return signature.Call(
        method=request.method or "",
        path=f"{request.path_info}?{query}" if query else request.path_info,
        idempotency_key=request.headers.get(signature.IDEMPOTENCY_HEADER, ""),
        body=request.body,
    )
