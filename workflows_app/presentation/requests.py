"""`http.request`: a call to an endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows_app.presentation.values import Field, fields


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """A call, what it sends and what it leaves behind."""

    template: ClassVar = "admin/countersign/effects/request.html"
    icon: ClassVar = "http"
    title: str
    call: str
    produces: str
    fields: tuple[Field, ...]


def present_request(effect: Mapping[str, Any]) -> RequestView:
    """An `http.request`."""
    body = effect["body"]
    return RequestView(
        title="Make a file" if effect["produces"] else f"Call {effect['path']}",
        call=f"{effect['method']} {effect['path']}",
        produces=effect["produces"] or "",
        fields=fields(body if isinstance(body, dict) else {"body": body}),
    )
