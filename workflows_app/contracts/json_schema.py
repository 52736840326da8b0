"""The JSON Schema of contract files, for editors. A test holds `docs/contract.schema.json` to it."""

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from workflows_app.contracts.catalog import Catalog
from workflows_app.contracts.operations import OPERATIONS
from workflows_app.contracts.schema import Contract

_MODE: JsonSchemaMode = "validation"


def contract_schema(catalog: Catalog) -> dict[str, Any]:
    """The schema with every step kind, verify kind and operation spelled out."""
    choices: dict[str, dict[str, type[BaseModel]]] = {
        "Step": dict(catalog.step_kinds),
        "VerifyCheck": dict(catalog.verify_kinds),
        "Operation": dict(OPERATIONS),
    }
    models: list[type[BaseModel]] = [Contract, *(model for kinds in choices.values() for model in kinds.values())]
    names, whole = models_json_schema([(model, _MODE) for model in models])
    definitions: dict[str, Any] = whole["$defs"]
    for base, kinds in choices.items():
        if kinds:
            definitions[base] = {"anyOf": [names[model, _MODE] for model in kinds.values()]}
    for base in ("Step", "VerifyCheck"):
        for kind, model in choices[base].items():
            name = names[model, _MODE]["$ref"].rpartition("/")[2]
            definitions[name]["properties"]["kind"] = {"const": kind, "title": "Kind"}
    contract = definitions.pop("Contract")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **contract,
        "title": "Countersign contract",
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text(catalog: Catalog) -> str:
    """The schema as the file holds it."""
    return json.dumps(contract_schema(catalog), ensure_ascii=False, indent=2) + "\n"
