"""`POST /api/inbound-email`: hand in a message that arrived (message/rfc822), with a token of `mail:write`."""

from dataclasses import asdict
from typing import Final

from django.http import HttpRequest, HttpResponse
from ninja import Router

from workflows_app.api.answers import RefusedError, answer, too_large
from workflows_app.api.auth import Bearer
from workflows_app.api.schemas import MailTaken, Problem
from workflows_app.inbox.intake import take_in
from workflows_app.inbox.parse import UnreadableMailError

router = Router(tags=["Mail"])
NAME: Final = "inbound_email"  # of its address
# As large as mail servers let messages be; only the beginning is read for what it says.
MOST_BYTES: Final = 26_000_000
_TYPES: Final = ("message/rfc822", "application/octet-stream", "text/plain")
_BODY: Final = {
    "type": "string",
    "format": "binary",
    "description": f"The message as it arrived, with its headers; {MOST_BYTES // 1_000_000} MB at most.",
}


@router.post(
    "/inbound-email",
    auth=Bearer("mail:write"),
    response={201: MailTaken, 200: MailTaken, frozenset({400, 401, 403, 413, 415, 422, 503}): Problem},
    operation_id="hand_in_mail",
    url_name=NAME,
    summary="Hand in a message that arrived",
    openapi_extra={
        "requestBody": {"required": True, "content": {_TYPES[0]: {"schema": _BODY}}},
        "responses": {201: {"description": "Stored"}, 200: {"description": "Known"}},
    },
)
def inbound_email(request: HttpRequest) -> HttpResponse:
    """201 when it is stored, 200 when it is known: handing it in again does no harm. What it says is not believed."""
    if request.content_type not in _TYPES:
        raise RefusedError(415, f"Send the message itself as {_TYPES[0]}.")
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return too_large()
    if len(raw) < _announced(request):  # a connection that broke: a server hands over what came of it
        raise RefusedError(400, "The message did not come whole; send it again.")
    try:
        taken = take_in(raw)
    except UnreadableMailError as error:
        raise RefusedError(422, str(error)) from error
    return answer(asdict(taken), status=201 if taken.new else 200)


def _announced(request: HttpRequest) -> int:
    """How many bytes were to come; 0 when the caller did not say."""
    said = request.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() else 0
