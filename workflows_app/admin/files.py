"""Files in the console: what a letter carries, exactly as it was fixed, and what a step of a run produced.

An address names a hash or a step, never a path, and there is no list. The type is ours: a PDF is shown, anything else
is saved, and neither is guessed or run by a browser.
"""

import hashlib
from typing import Any, Final

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header

from approvals.canonical import parse
from workflows_app.delivery import artifacts
from workflows_app.models import WorkflowStep

_INLINE: Final = {b"%PDF-": "application/pdf"}


def file_view(page: Any, request: HttpRequest, sha256: str) -> HttpResponse:
    """The file with this hash, a PDF under the `name` that the letter gives it. For those who may see proposals."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    name = request.GET.get("name", "")
    return _read(name if name.endswith(".pdf") else sha256[:12], sha256)


def produced_view(page: Any, request: HttpRequest, object_id: str, step: int) -> HttpResponse:
    """What a step of this run produced, whatever has taken its name since. For those who may see runs."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    record = WorkflowStep.objects.filter(pk=step, run_id=unquote(object_id)).first()
    artifact = parse(record.output).get("artifact") if record else None
    if not artifact:
        raise Http404("This step has produced no file.")
    return _read(artifact["key"].rpartition("/")[2], artifact["sha256"], artifact["key"])


def _read(name: str, sha256: str, key: str = "") -> HttpResponse:
    """The file with this hash, from under `key` if it is still there, or else its immutable copy."""
    try:
        content = _found(sha256, key)
    except artifacts.ArtifactError as error:
        raise Http404(str(error)) from error
    except OSError:
        return HttpResponse("The store of files does not answer now. Try again in a minute.", status=503)
    return _shown(name, content)


def _found(sha256: str, key: str) -> bytes:
    if key and artifacts.exists(key):
        content = artifacts.read(key)
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    return artifacts.read(artifacts.fixed_key(sha256))


def _shown(name: str, content: bytes) -> HttpResponse:
    kind = next((kind for start, kind in _INLINE.items() if content.startswith(start)), "")
    response = HttpResponse(content, content_type=kind or "application/octet-stream")
    file_name = f"{name.removesuffix('.pdf')}.pdf" if kind else name
    response["Content-Disposition"] = content_disposition_header(not kind, file_name) or "attachment"
    response["Content-Security-Policy"] = "sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
