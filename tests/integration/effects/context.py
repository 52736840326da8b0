"""Where effects are applied in tests: one item of a made-up run."""

from datetime import UTC, datetime
from typing import Any

from workflows_app.effects.context import ApplyContext

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


def context(**changes: Any) -> ApplyContext:
    """Nobody approved anything, unless the test says so."""
    values: dict[str, Any] = {
        "run_id": "run-1",
        "workflow_type": "test",
        "contract_version": 1,
        "step": "write",
        "item": "",
        "inputs": {},
        "plan_revision": 1,
        "proposed_by": "machine:test",
        "now": NOW,
    }
    return ApplyContext(**{**values, **changes})
