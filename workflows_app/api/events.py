"""`POST /api/events`: record an event, once per key, and start the workflows that listen to it."""

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from approvals.canonical import NotCanonicalError
from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.api.answers import RefusedError, answer
from workflows_app.api.auth import Bearer, caller
from workflows_app.api.schemas import EventIn, EventOut, Problem
from workflows_app.api.webhooks_in import verified
from workflows_app.triggers.events import ReservedEventError
from workflows_app.triggers.receipts import Signed, TakenError, take
from workflows_app.triggers.received import OtherContentError, Received, receive

router = Router(tags=["Events"])
_SOURCE = "A source of webhooks by name: then the call is signed as Standard Webhooks, and needs no token."


class TokenOrSignature(Bearer):
    """A token with `events:write`; or, where the address names a source, its signature."""

    def __call__(self, request: HttpRequest) -> Any:
        """The caller, or the signed message. Raises `RefusedError`."""
        source = request.GET.get("source")
        return caller(request, self.scope) if source is None else verified(request, source)


@router.post(
    "/events",
    auth=TokenOrSignature("events:write"),
    response={201: EventOut, 200: EventOut, frozenset({400, 401, 403, 409, 413, 422, 503}): Problem},
    operation_id="record_event",
    summary="Record an event",
    openapi_extra={"responses": {201: {"description": "Recorded"}, 200: {"description": "Known, with this content"}}},
)
def post_event(
    request: HttpRequest, body: EventIn, source: Annotated[str | None, Query(description=_SOURCE)] = None
) -> HttpResponse:
    """201 when it is recorded, 200 when its key is known with the same content, 409 with another content."""
    payload = body.payload if body.payload is not None else (body.data or {})
    who: Principal | Signed = request.auth  # type: ignore[attr-defined]  # ninja sets it
    try:
        received = _signed(who, body, payload) if isinstance(who, Signed) else _with_token(body, payload)
    except ReservedEventError as error:
        raise RefusedError(403, f"Not recorded: {error}.") from error
    except (OtherContentError, TakenError) as error:
        raise RefusedError(409, f"Not recorded: {error}.") from error
    except NotCanonicalError as error:
        raise RefusedError(422, f"payload: {error}.") from error
    said = "known" if received.known else "recorded"
    return answer({"event_id": received.event_id, "status": said}, status=200 if received.known else 201)


def _with_token(body: EventIn, payload: dict[str, Any]) -> Received:
    if body.key is None:
        raise RefusedError(422, "key: give a key, so that the event is recorded once however often it is sent.")
    return receive(body.type, body.key, payload)


def _signed(signed: Signed, body: EventIn, payload: dict[str, Any]) -> Received:
    """Its key is one of the source's own, so that no source uses up a key of somebody else."""
    if body.type not in signed.source.event_types.split():
        raise RefusedError(403, f"{signed.source.name} may not send events of the type {body.type}.")
    with transaction.atomic():
        take(signed, database_now())
        key = f"webhook:{signed.source.name}:{body.key or signed.webhook_id}"
        return receive(body.type, key, payload, own_key=True)
