"""`netsuite.push`: a record for NetSuite, its lines numbered, nothing NULL in it."""

from typing import Any

from approvals.canonical import to_json
from workflows_app.contracts.operations import Push
from workflows_app.effects.data import NetsuitePush, is_placeholder
from workflows_app.netsuite.mirrors import known_modified
from workflows_app.steps.base import PlanEnv
from workflows_app.steps.errors import PlanningError
from workflows_app.steps.lists import records


def push_effect(push: Push, env: PlanEnv) -> NetsuitePush:
    """The push as data; the id of its row comes from the external id, so that a step pushes a record once."""
    external_id = env.text(push.external_id)
    if not external_id:
        raise PlanningError(f"a {push.record_type} for NetSuite needs an external id")
    lines = {name: {"items": without_nulls(records(part, env))} for name, part in push.sublists.items()}
    return {
        "kind": "netsuite.push",
        "id": env.derive_id("psh", external_id),
        "external_id": external_id,
        "record_type": push.record_type,
        "queue": push.queue,
        "on_failure": push.on_failure,
        "expected_modified": to_json(known_modified(push.record_type, external_id)),
        "record": {**without_nulls(env.value(push.record)), **lines},
    }


def without_nulls(value: Any) -> Any:
    """The value without NULLs and without the mappings that have nothing left; omitted means "as it is there"."""
    if is_placeholder(value):
        return value
    if isinstance(value, dict):
        kept = {key: without_nulls(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None and item != {}}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value
