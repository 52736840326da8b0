"""`/api/docs`: the OpenAPI document as a page of plain HTML, without scripts.

ninja's own pages take megabytes of script, which the policy of this site would have to trust.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase


class Page(DocsBase):
    """The document, rendered here."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """The page."""
        document = api.get_openapi_schema()
        context = {
            "title": api.title,
            "about": api.description,
            "document": reverse(f"{api.urls_namespace}:openapi-json"),
            "operations": list(_operations(document)),
        }
        return render(request, "api/docs.html", context)


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield {
                "method": method.upper(),
                "path": path,
                "anchor": operation["operationId"],
                "summary": operation.get("summary", ""),
                "description": _plain(operation),
                "parameters": [
                    {**parameter, "description": _plain(parameter)} for parameter in operation.get("parameters", [])
                ],
                "body": _body(operation, schemas),
                "answers": [
                    _answer(status, found, schemas)
                    for status, found in sorted(operation["responses"].items(), key=lambda each: int(each[0]))
                ],
            }


def _answer(status: object, found: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any]:
    content = found.get("content", {}).get("application/json", {}).get("schema")
    return {"status": status, "description": found.get("description", ""), "schema": _named(content, schemas)}


def _body(operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> dict[str, Any] | None:
    """With its type where that is not JSON."""
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        named = _named(content["schema"], schemas)
        return named and {**named, "media": "" if media == "application/json" else media}
    return None


def _named(schema: Mapping[str, Any] | None, schemas: Mapping[str, Any]) -> dict[str, Any] | None:
    """A schema with its name, its sentence and its fields."""
    if not schema:
        return None
    many = schema.get("type") == "array"
    reference = str((schema["items"] if many else schema).get("$ref", ""))
    name = reference.rpartition("/")[2]
    found = schemas.get(name, schema)
    required = found.get("required", [])
    fields = [
        {"name": field, "type": _type(data), "required": field in required, "description": _plain(data)}
        for field, data in found.get("properties", {}).items()
    ]
    return {"name": name, "many": many, "description": _plain(found), "fields": fields}


def _plain(described: Mapping[str, Any]) -> str:
    """Its sentence without the marks of code."""
    return str(described.get("description", "")).replace("`", "")


def _type(data: Mapping[str, Any]) -> str:
    if "anyOf" in data:
        return " or ".join(_type(each) for each in data["anyOf"])
    kind = str(data.get("type", "") or str(data.get("$ref", "")).rpartition("/")[2] or "anything")
    return f"list of {_type(data['items'])}" if kind == "array" and "items" in data else kind
