"""The HTML of a letter as it leaves, byte for byte, in a frame that can do nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from approvals.canonical import digest, parse
from approvals.models import ProposedAction
from workflows_app.delivery.letter_html import html_of

# Its styles stand in its tags, as mail programs want them; the console's own pages allow none of that.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


def as_sent(body: str, letterhead: str) -> HttpResponse:
    """What delivery writes into the message: the same function of the same text."""
    response = HttpResponse(html_of(body, letterhead), content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = _POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def letter_view(page: Any, request: HttpRequest, proposal_id: str, letter_id: str) -> HttpResponse:
    """A letter of a proposal, from the text that the digest covers. For those who may see proposals."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    text = ProposedAction.objects.filter(pk=proposal_id).values_list("effects", "digest").first()
    if text is None or digest(text[0]) != text[1]:
        raise Http404("There is no such proposal, or it is not what was hashed.")
    letter = next((effect for effect in _letters(parse(text[0])) if effect.get("id") == letter_id), None)
    if letter is None:
        raise Http404("There is no such letter in this proposal.")
    return as_sent(str(letter["body"]), str(letter.get("letterhead", "")))


def _letters(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every letter in a reviewed text, those of drafts included."""
    if isinstance(value, dict):
        if value.get("kind") == "email.send":
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _letters(item)
