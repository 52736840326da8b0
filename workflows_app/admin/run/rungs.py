"""The rungs of the ladder that an effect climbs: proposed → approved → applied → sent → confirmed → verified."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from django.utils.timezone import localtime

from approvals.models import Decision, ProposedAction
from workflows_app.admin.run.names import said
from workflows_app.models import OutboundEmail, PendingPush, VerifyResult, WorkflowStep
from workflows_app.presentation.people import who

State = Literal["done", "now", "todo", "bad", "unknown", "not"]
Standing = tuple[State, str]
"""A state, and what to say about it."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One rung. `now`: it is here; `todo`: not yet; `not`: it never will; `unknown`: nobody knows.

    `href`: where more is to be seen; empty for nowhere.
    """

    name: str
    state: State
    at: datetime | None = None
    note: str = ""
    href: str = ""

    @property
    def said(self) -> str:
        """Its state in words, for who cannot see its colour."""
        return _SAID[self.state]

    def told(self, day: date) -> str:
        """When and how, in few words; the date only when it is not `day`."""
        if self.at is None:
            return self.note or self.said
        local = localtime(self.at)
        moment = f"{local:%H:%M}" if local.date() == day else f"{local:%-d %b %H:%M}"
        if self.state == "todo":
            return f"checks at {moment}"
        return f"{moment}, {self.note}" if self.note else moment


_SAID: Final[Mapping[State, str]] = {
    "done": "done",
    "now": "here now",
    "todo": "not yet",
    "bad": "went wrong",
    "unknown": "uncertain",
    "not": "will not happen",
}


_UNDECIDED: Final[dict[str, Standing]] = {
    "pending": ("now", "waits for a decision"),
    "expired": ("bad", "nobody decided in time"),
    "superseded": ("not", "a newer card took its place"),
    "closed": ("not", "closed"),
}


def approved(proposal: ProposedAction, decision: Decision | None, href: str) -> Rung:
    """What a person said to the proposal that an effect is part of."""
    if decision is not None and decision.verdict == "approve":
        closed = proposal.status == "closed"
        note = f"by {who(decision.principal)}"
        return Rung(name="approved", state="done", at=decision.decided_at, note=note, href="" if closed else href)
    if decision is not None:
        note = f"rejected by {who(decision.principal)}: {said(decision.reason)}"
        return Rung(name="approved", state="bad", at=decision.decided_at, note=note, href=href)
    state, note = _UNDECIDED.get(proposal.status, ("todo", ""))
    return Rung(name="approved", state=state, note=said(proposal.closed_reason) or note, href=href)


_STEPS: Final[dict[str, Standing]] = {
    "running": ("now", "under way"),
    "retrying": ("now", "will be tried again"),
    "skipped": ("not", "skipped"),
    "dropped": ("not", "left out"),
    "not_reached": ("not", "not reached"),
    "failed": ("bad", "failed"),
}


def applied(record: WorkflowStep | None, *, ended: bool, how: str = "") -> Rung:
    """What became of the effects of a step; all of them are applied, or none. `how`: what applying them means."""
    if record is not None and record.status == "done":
        return Rung(name="applied", state="done", at=record.finished_at, note=how)
    if record is not None and record.status in _STEPS:
        state, note = _STEPS[record.status]
        return Rung(name="applied", state=state, at=record.finished_at, note=note)
    return Rung(name="applied", state="not" if ended else "todo", note="the run ended before" if ended else "")


def leaf_applied(proposal: ProposedAction, decision: Decision | None) -> Rung:
    """A leaf is applied in the transaction of its decision, unless everything is on hold."""
    if decision is None or decision.verdict != "approve":
        return Rung(name="applied", state="todo" if proposal.status == "pending" else "not")
    if proposal.status == "closed":
        return Rung(name="applied", state="bad", note=said(proposal.closed_reason))
    if proposal.outcome in ("proposed", "approved"):
        return Rung(name="applied", state="now", note="waits for the hold to be lifted")
    return Rung(name="applied", state="done", at=decision.decided_at)


_LETTERS: Final[dict[str, Standing]] = {
    "queued": ("now", "waits to be sent"),
    "sending": ("now", "is being sent"),
    "sent": ("done", ""),
    "uncertain": ("unknown", "nobody knows whether it arrived"),
    "failed": ("bad", "was not sent"),
}


def letter_sent(letter: OutboundEmail | None, before: Rung, href: str, *, again: bool = False) -> Rung:
    """How far a letter is; `before`: the rung below. `again`: it has a second copy, with a ladder of its own."""
    if letter is None:
        return _after("sent", before)
    if again:
        return Rung(name="sent", state="not", at=letter.sent_at, note="did not arrive; it was sent again", href=href)
    if letter.bounced_at is not None:
        return Rung(name="sent", state="bad", at=letter.bounced_at, note="bounced: it came back", href=href)
    state, note = _LETTERS.get(letter.status, ("todo", letter.status))
    return Rung(name="sent", state=state, at=letter.sent_at, note=note, href=href)


_PUSHES: Final[dict[str, Standing]] = {
    "pending": ("now", "waits to be sent"),
    "in_flight": ("now", "is on its way"),
    "retrying": ("now", "will be sent again"),
    "applied": ("done", ""),
    "outcome_unknown": ("unknown", "nobody knows yet whether it arrived"),
    "conflict": ("bad", "NetSuite's record changed meanwhile"),
    "dead": ("bad", "given up"),
}


def push_rungs(push: PendingPush | None, before: Rung, href: str) -> list[Rung]:
    """Sent and confirmed, of a record for NetSuite."""
    if push is None:
        sent = _after("sent", before)
        return [sent, _after("confirmed", sent)]
    state, note = _PUSHES.get(push.status, ("todo", push.status))
    if push.status == "applied":
        number = f"NetSuite's number {push.ns_id}" if push.ns_id else ""
        sent = Rung(name="sent", state="done", at=push.sent_at or push.confirmed_at, href=href)
        return [sent, Rung(name="confirmed", state="done", at=push.confirmed_at, note=number, href=href)]
    if push.sent_at is None:
        sent = Rung(name="sent", state=state, note=note, href=href)
        return [sent, _after("confirmed", sent)]
    sent = Rung(name="sent", state="done", at=push.sent_at, href=href)
    return [sent, Rung(name="confirmed", state=state, note=note, href=href)]


def verified(results: Iterable[VerifyResult], expected: int, before: Rung) -> list[Rung]:
    """Whether what should be there is there: one rung, none when no check looks at it.

    `expected`: how many checks look at it; their results are staged when the run ends.
    """
    looked = [result for result in results if result.status != "not_applicable"]
    if not expected:
        return []
    bad = [result for result in looked if result.status in ("fail", "timeout")]
    open_ = [result for result in looked if result.status == "pending"]
    if bad:
        return [Rung(name="verified", state="bad", at=bad[0].executed_at, note=f"{_named(bad)} does not hold")]
    if open_:
        return [Rung(name="verified", state="todo", at=open_[0].due_at, note="counts from the decision")]
    if looked:
        moments = [result.executed_at for result in looked if result.executed_at]
        return [Rung(name="verified", state="done", at=max(moments, default=None), note=_named(looked))]
    return [_after("verified", before)]


def _after(name: str, before: Rung) -> Rung:
    """A rung that nothing is known of: not yet, or never when the one below it never was."""
    return Rung(name=name, state="not" if before.state in ("bad", "not") else "todo")


def _named(results: Iterable[VerifyResult]) -> str:
    return ", ".join(result.name.replace("_", " ") for result in results)
