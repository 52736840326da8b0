"""Current rows of a table as the JSON-ready data that effects carry."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from approvals.canonical import to_json
from workflows_app.models.catalog import model_for


def matching(table: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every row whose columns equal `where` (a list: any of its values; None: NULL), ordered by primary key.

    Decimals and moments are canonical text. Raises `KeyError` for an unknown table or column.
    """
    model = model_for(table)
    fields = {field.column: field for field in model._meta.concrete_fields}
    conditions = dict(_condition(fields[column], value) for column, value in where.items())
    rows = model._default_manager.filter(**conditions).order_by("pk").values_list(*(f.attname for f in fields.values()))
    return [{column: to_json(value) for column, value in zip(fields, row, strict=True)} for row in rows]


def _condition(field: "models.Field[Any, Any]", value: Any) -> tuple[str, Any]:
    if value is None:
        return f"{field.attname}__isnull", True
    return (f"{field.attname}__in", list(value)) if isinstance(value, list | tuple) else (field.attname, value)
