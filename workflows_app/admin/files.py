"""The files that letters carry, exactly as they were fixed when the draft was staged."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from workflows_app.delivery import artifacts

_INLINE = {b"%PDF-": "application/pdf"}


def file_view(page: Any, request: HttpRequest, sha256: str) -> HttpResponse:
    """The file with this hash; a PDF is shown, anything else is saved. For those who may see proposals."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    try:
        content = artifacts.read(artifacts.fixed_key(sha256))
    except artifacts.ArtifactError as error:
        raise Http404(str(error)) from error
    kind = next((kind for start, kind in _INLINE.items() if content.startswith(start)), "application/octet-stream")
    response = HttpResponse(content, content_type=kind)
    place = "inline" if kind in _INLINE.values() else "attachment"
    response["Content-Disposition"] = f'{place}; filename="{sha256[:12]}{".pdf" if place == "inline" else ""}"'
    response["Content-Security-Policy"] = "sandbox"
    return response
