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
    headers: tuple[tuple[str, str], ...] = ()


def present_request(effect: Mapping[str, Any]) -> RequestView:
    """An `http.request`."""
    body = effect["body"]
    return RequestView(
        title="Make a file" if effect["produces"] else f"Call {effect['path']}",
        call=f"{effect['method']} {effect['path']}",
        produces=effect["produces"] or "",
        fields=fields(body if isinstance(body, dict) else {"body": body}),
        headers=tuple((name, _header(value)) for name, value in effect.get("headers", {}).items()),
    )


def _header(value: Any) -> str:
    """A secret by its name: the value is not even here."""
    return f"the secret {value['secret']}" if isinstance(value, Mapping) else str(value)
