"""What the endpoints take and give, as the OpenAPI document says it."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema
from pydantic import ConfigDict

LONGEST_TYPE = 120
LONGEST_KEY = 120


class Problem(Schema):
    """Why a call was refused, in one sentence."""

    error: str


class EventIn(Schema):
    """Something that happened. Send `payload`; `data` is its name in Standard Webhooks."""

    type: str = Field(min_length=1, max_length=LONGEST_TYPE, pattern=r"^\S+$", examples=["vendor.item_discontinued"])
    key: str | None = Field(
        None,
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[!-~]+$",
        description="Makes it once: the same key again records nothing. A signed webhook may leave it out.",
        examples=["discontinued-ITM-1"],
    )
    payload: dict[str, Any] | None = Field(None, description="Named values; the inputs of a workflow are taken of it.")
    data: dict[str, Any] | None = Field(None, description="The same as `payload`.")


class EventOut(Schema):
    """The event as it is recorded. `recorded`: by this call; `known`: by an earlier one with the same content."""

    event_id: str
    status: str = Field(pattern="^(recorded|known)$")


class MailTaken(Schema):
    """What became of a message."""

    email_uuid: str
    new: bool = Field(description="Whether this call stored it; else it was known.")
    classification: str = Field(description="What it is about, as far as its words tell.")
    confidence: str = Field(description="From 0 to 1, as text; empty when nothing was weighed.")
    triage: str = Field(pattern="^(routed|waiting|set_aside)$", description="Whether an event tells of it.")
    customer_id: str | None = Field(description="Whose address the sender's is.")


class RunIn(Schema):
    """A workflow to start. It waits for a person's decision before it does anything."""

    model_config = ConfigDict(extra="forbid")

    workflow_type: str = Field(min_length=1, max_length=80, pattern=r"^[a-z0-9_]+$", examples=["new_customer"])
    inputs: dict[str, Any] = Field(default_factory=dict)
    key: str | None = Field(
        None,
        min_length=1,
        max_length=80,
        pattern=r"^[!-~]+$",
        description="The same key and inputs again give the same run.",
    )


class RunStarted(Schema):
    """The run, and the proposal that waits for a decision, if one does."""

    run_id: str
    status: str
    proposal_id: str | None


class Run(Schema):
    """A run from trigger to verify, as `show_run --json` prints it."""

    model_config = ConfigDict(extra="allow")

    run_id: str
    workflow_type: str
    contract_version: int
    status: str
    trigger: dict[str, Any]
    inputs: dict[str, Any]
    context: dict[str, Any]
    preconditions: list[dict[str, Any]]
    plan: list[dict[str, Any]]
    steps: list[dict[str, Any]]
    proposals: list[dict[str, Any]]
    verify: list[dict[str, Any]]
    events: list[str]
    log: dict[str, Any] | None


class Proposal(Schema):
    """A proposal, as `proposals --json` prints it."""

    id: str
    run_id: str
    action_type: str
    entity_type: str
    entity_ref: str
    status: str
    digest: str
    expires_at: datetime
    summary: str
