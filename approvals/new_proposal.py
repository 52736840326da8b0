"""What is needed to stage a proposal."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class NewProposal:
    """A proposal before it is staged. The database's clock gives its moments, `effects` its digest.

    `payload`, `effects`, `edits` and `difference` are canonical text. `proposed_by` is a principal as text. `step` is
    empty for the gate that holds a whole run.
    """

    id: str
    action_type: str
    entity_type: str
    entity_ref: str
    customer_name: str
    title: str
    summary: str
    payload: str
    risk_level: int
    amount: Decimal | None
    window_minutes: int
    expires_seconds: int
    proposed_by: str
    run_id: str
    step: str
    item: str
    plan_revision: int
    effects: str
    edits: str = "[]"
    supersedes_id: str | None = None
    difference: str = "[]"
