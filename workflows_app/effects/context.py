"""Where and by whose authority effects are applied."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflows_app.effects.data import is_placeholder
from workflows_app.effects.errors import permanent


@dataclass(frozen=True, kw_only=True)
class Authority:
    """The approved proposal that a push or a letter stands on, and the digest that was approved."""

    proposal_id: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class ApplyContext:
    """One item of one step of one run.

    `outputs` maps a finished step to its output, where `artifact_sha256` is looked up. `causes` is the chain of events
    that led to the run.
    """

    run_id: str
    workflow_type: str
    contract_version: int
    step: str
    item: str
    inputs: Any
    plan_revision: int
    proposed_by: str
    now: datetime
    authority: Authority | None = None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    causes: tuple[str, ...] = ()

    def required_authority(self, what: str) -> Authority:
        """The authority, or a permanent error: a push or a letter without an approved proposal cannot exist."""
        if self.authority is None:
            raise permanent(f"{what} needs an approved proposal")
        return self.authority

    def fill(self, value: Any, *, known: frozenset[str] = frozenset({"now", "artifact_sha256"})) -> Any:
        """`value` with the placeholders `known` replaced, at any depth; the others stay."""
        if is_placeholder(value):
            return self._filled(value) if value["placeholder"] in known else value
        if isinstance(value, dict):
            return {key: self.fill(item, known=known) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item, known=known) for item in value]
        return value

    def _filled(self, placeholder: dict[str, str]) -> Any:
        if placeholder["placeholder"] == "now":
            return self.now.isoformat().replace("+00:00", "Z")
        artifact = self.outputs.get(placeholder["of"], {}).get("artifact")
        if artifact is None:
            raise permanent(f"the step {placeholder['of']} produced no artifact")
        return artifact["sha256"]
