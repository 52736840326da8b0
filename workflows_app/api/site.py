"""The API as one: its operations, how it says no, and its OpenAPI document."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from approvals.passing import replace_broken_connection
from workflows_app.api import events, inbound_email, runs
from workflows_app.api.answers import RefusedError, problem, too_large
from workflows_app.api.body import BodyParser
from workflows_app.api.docs import Page

_ABOUT = (
    "Machines record events, start workflows that wait for a decision, and read how they stand. "
    "Nothing here decides: that takes a person, in the console."
)

api = NinjaAPI(
    title="Countersign",
    version="1",
    description=_ABOUT,
    urls_namespace="api",
    parser=BodyParser(),
    docs=Page(),
)
api.add_router("", events.router)
api.add_router("", inbound_email.router)
api.add_router("", runs.router)


def refused(request: HttpRequest, error: Any) -> HttpResponse:
    """A sentence of ours."""
    return problem(error.status, error.sentence)


def not_valid(request: HttpRequest, error: Any) -> HttpResponse:
    """What is wrong with which field, in one sentence."""
    said = [f"{'.'.join(map(str, each['loc'][1:])) or 'body'}: {each['msg']}" for each in error.errors]
    return problem(422, "; ".join(dict.fromkeys(said)) + ".")


def not_read(request: HttpRequest, error: Any) -> HttpResponse:
    """ninja's own refusals: of a body that cannot be read, with the reason."""
    if error.__cause__ is not None:
        return problem(error.status_code, f"The body is not JSON that we can take: {error.__cause__}.")
    return problem(error.status_code, f"{error}.")


def busy(request: HttpRequest, error: Any) -> HttpResponse:
    """The database has trouble that passes by itself."""
    replace_broken_connection()
    answer = problem(503, "The database is busy; try again.")
    answer["Retry-After"] = "5"
    return answer


def nothing(request: HttpRequest, error: Any) -> HttpResponse:
    """No such endpoint."""
    return problem(404, f"There is no endpoint {request.path}.")


for _kind, _handler in (
    (RefusedError, refused),
    (ValidationError, not_valid),
    (HttpError, not_read),
    (OperationalError, busy),
    (InterfaceError, busy),
    (Http404, nothing),
):
    api.add_exception_handler(_kind, _handler)


def in_one_shape(view: Callable[..., HttpResponseBase], *, any_size: bool = False) -> Callable[..., HttpResponseBase]:
    """Let what never reaches a handler, as a wrong method or a body that is too large, say no like all others.

    `any_size`: the operation reads its body itself, and judges its size.
    """

    @wraps(view)
    def shaped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if not any_size:
                request.body  # noqa: B018  # read here once, so that its size is judged before anything else
        except RequestDataTooBig:
            return too_large()
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return nothing(request, None)
        if response.status_code != 405:
            return response
        shown = problem(405, f"{request.method} is not known here.")
        shown["Allow"] = response["Allow"]
        return shown

    return shaped


def urls() -> list[Any]:
    """ninja's addresses, each in our shape."""
    found = [each for each in api.urls[0] if each.callback is not None]
    for each in found:
        each.callback = in_one_shape(each.callback, any_size=each.name == inbound_email.NAME)
    return found
