"""`POST /api/inbound-email`: hand in a message that arrived (message/rfc822), with a token of `mail:write`."""

from dataclasses import asdict
from typing import Final

from django.http import HttpRequest, HttpResponse

from approvals.principals import Principal
from workflows_app.api.answers import answer, problem, too_large
from workflows_app.api.auth import token_required
from workflows_app.inbox.intake import take_in
from workflows_app.inbox.parse import UnreadableMailError

# As large as mail servers let messages be; only the beginning is read for what it says.
MOST_BYTES: Final = 26_000_000
_TYPES: Final = ("message/rfc822", "application/octet-stream", "text/plain")


@token_required("mail:write")
def inbound_email(request: HttpRequest, caller: Principal) -> HttpResponse:
    """201 when it is stored, 200 when it is known: handing it in again does no harm. What it says is not believed."""
    if request.method != "POST":
        return problem(405, "Hand in a message by POST.")
    if request.content_type not in _TYPES:
        return problem(415, f"Send the message itself as {_TYPES[0]}.")
    raw = request.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return too_large()
    try:
        taken = take_in(raw)
    except UnreadableMailError as error:
        return problem(422, str(error))
    return answer(asdict(taken), status=201 if taken.new else 200)
