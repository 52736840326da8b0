"""What the lanes, the boxes and the colours mean: the seeds' explanations, as true as the steps are real."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Look(StrEnum):
    """The legend."""

    USER = "User"
    UI = "UI"
    AGENT = "Agent logic"
    POLICY = "Policy"
    TOOL = "Tool action"
    TRACE = "Context / trace"

    @property
    def css(self) -> str:
        """The class that colours it: the first word, such as `look-agent`."""
        return f"look-{self.value.split()[0].lower()}"


TRIGGER: Final = (
    "How this workflow gets kicked off. Could be a chat-tool invocation, a cron tick, an inbound event "
    "(e.g. price.changed), or Mike clicking 'Start by hand' on an admin page."
)
CONTEXT: Final = (
    "Before deciding anything, pull related data from D1 (the local mirror of NetSuite). Each query loads a slice of "
    "the entity's current state so the AI and Mike can review before any writes happen."
)
PRECONDITIONS: Final = (
    "Safety checks that must pass before any writes. 'block' severity halts the run; 'warn' surfaces a warning but "
    "continues. Without these, a bad input could cascade into NetSuite."
)
GATE: Final = (
    "The HITL (Human-In-The-Loop) gate. The workflow stages a proposed_action and waits for Mike to approve it "
    "among his decisions. Only fires when risk_level >= 3. This is the invariant: no NS write happens without Mike's "
    "go-ahead."
)
FAN_OUT: Final = (
    "The steps. Each was planned before the gate into the very changes that Mike saw, and carries out exactly those; "
    "one that fails stops only the steps that need it."
)
POST: Final = "What the runner does at the end of every run, however it ended."
LOG_RUN: Final = (
    "Always runs at the end of every workflow execution: writes a row to workflow_run_log with status, duration, step "
    "counts, and errors."
)
REFLEXION: Final = (
    "Writes an entry to reflexion_log so the AI 'remembers' what happened. Only fires if the contract has reflexion "
    "enabled. Future workflows can search this log for prior context."
)
EVENT: Final = (
    "Fires a workflow.completed / workflow.partial / workflow.failed event into the event ledger so downstream "
    "subscriptions can react. Uses an idempotency key so producer retries collapse."
)
DECLARED: Final = "Declared in the contract for the reader."
VERIFY: Final = (
    "A post-execution sanity check. The runner stages this with status='pending'; the verify scheduler (every :08 and "
    ":38 hourly) wakes up after the configured window (e.g. +24h) and executes the check, then flips status to "
    "pass/fail/timeout."
)
KINDS: Final[Mapping[str, str]] = {
    "d1_write": (
        "Write to the local D1 mirror (the read-side cache of NetSuite). Used for derived data and platform state."
    ),
    "ns_push": (
        "Pushes a write back to NetSuite via the NS_PUSH_QUEUE. The push is staged in ns_pending_pushes first and only "
        "flips to 'applied' after NS confirms."
    ),
    "hitl_email_draft": (
        "Draft an email and stage it as a proposed_action for Mike's review. The email is NOT sent - only drafted + "
        "queued."
    ),
    "http_call": "Fire an HTTP request to another endpoint (often a self-fetch to /api/).",
    "stage_proposed_action": (
        "Queue a write for Mike's HITL approval - staged in the proposed_actions table with status='pending'. Doesn't "
        "touch NetSuite directly."
    ),
    "loop_over_aging": (
        "Repeat the same fan-out for each item in a collection (recipients, aging buckets, sub-workflows): one "
        "proposal each, by the tier it falls in."
    ),
    "flag": (
        "Set a follow-up flag on a row (e.g., 'needs_review') so a downstream cron or human picks it up later: a "
        "proposal for each row whose condition holds."
    ),
}
