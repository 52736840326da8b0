"""What happened to a run, in one list and in plain words: its changes, attempts, decisions, letters, pushes, checks."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Final

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse

from approvals.models import Decision, ProposedAction
from workflows_app.admin.run.entries import Entry, together
from workflows_app.admin.run.names import place, said
from workflows_app.admin.run.story import Story
from workflows_app.admin.run.troubles import NO_TROUBLE, Trouble, read_error
from workflows_app.models import Alert, OutboundEmail, PendingPush, RunHistory, VerifyResult, WorkflowStep
from workflows_app.models.run import TERMINAL
from workflows_app.presentation import moments, words
from workflows_app.presentation.people import who
from workflows_app.runner.attempts import in_words, most_attempts
from workflows_app.runner.interventions import is_intervention

MOST: Final = 200
# What a pass writes after what it did, at the same moment.
_AFTER_STEPS: Final = TERMINAL | {"retrying"}


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The entries in order, the first first; `more`: how many in the middle are left out."""

    entries: tuple[Entry, ...]
    more: int


def read_timeline(story: Story) -> Timeline:
    """Everything with a moment, in order; what happened at one moment in the order in which it must have happened."""
    found = list(together(sorted(_all(story), key=lambda entry: entry.at)))
    if len(found) <= MOST:
        return Timeline(entries=tuple(found), more=0)
    half = MOST // 2
    return Timeline(entries=(*found[:half], *found[-half:]), more=len(found) - MOST)


def _all(story: Story) -> Iterator[Entry]:
    """Of one moment in this order: what set it going, what was done, how it ended, and what came of it."""
    yield from _begin(story)
    changes = story.history[1:]
    for change in changes:
        if change.to_status not in _AFTER_STEPS:
            yield from _change(story, change)
    yield from map(_decision, _told_decisions(story), _proposals_of(story))
    yield from _steps(story)
    yield from map(_asked, story.leaves)
    for change in changes:
        if change.to_status in _AFTER_STEPS:
            yield from _change(story, change)
    yield from filter(None, map(_letter, story.letters))
    yield from filter(None, map(_push, story.pushes))
    yield from filter(None, map(_checked, story.verify))
    yield from (_alert(alert) for alert in story.alerts)
    for other in story.continued_by:
        yield Entry(at=other.queued_at, sentence="Another run continues it.", href=_url(other), look="open")


# --- the run ----------------------------------------------------------------------------------------------------------

_STARTS: Final = {
    "manual": "Started by hand",
    "cron": "Started by the schedule",
    "event": "Started by an event",
    "hitl_approval": "Started by an approval",
    "rerun": "Started to do the rest of another run",
}


def _begin(story: Story) -> Iterator[Entry]:
    run = story.run
    source = story.history[0].reason.partition(": ")[2] if story.history else ""
    sentence = _STARTS.get(run.trigger_kind, f"Started: {words.spaced(run.trigger_kind)}")
    by = f", by {who(source)}" if source.startswith(("person:", "machine:")) else ""
    note = said(source) if run.trigger_kind == "event" else ""
    if run.trigger_kind == "cron":
        note = _due(run.trigger_key)
    yield Entry(at=run.queued_at, sentence=f"{sentence}{by}.", note=note)


def _due(trigger_key: str) -> str:
    """When the schedule wanted it, as the key of an occurrence says it."""
    try:
        due = datetime.strptime(trigger_key.split(":", 2)[2], "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except (ValueError, IndexError):
        return ""
    return f"It was due {moments.said(due)}."


_CHANGES: Final = {
    "queued": ("Waits for a worker.", ""),
    "running": ("Goes on.", ""),
    "awaiting_approval": ("Waits for a decision.", "open"),
    "retrying": ("A step did not succeed and will be tried again.", "warn"),
    "held": ("Stopped, because everything is on hold.", "warn"),
    "blocked": ("Blocked: nothing was done.", "bad"),
    "completed": ("Completed.", "good"),
    "partial": ("Ended; a part of it was not done.", "warn"),
    "failed": ("Failed.", "bad"),
    "rejected": ("Rejected: nothing was done.", "bad"),
    "expired": ("Expired: nothing was done.", "bad"),
    "cancelled": ("Cancelled.", "bad"),
}
# What says no more than the sentence does, or stands in an entry of its own.
_PLAIN: Final = (
    "waits at the gate",
    "a step will be tried again",
    "everything is on hold",
    "approved by ",
    "rejected by ",
    "nobody decided in time",
)


def _change(story: Story, change: RunHistory) -> Iterator[Entry]:
    if change.reason.startswith("approved by "):
        return  # the decision has an entry
    sentence, look = _CHANGES.get(change.to_status, (f"{words.sentence(change.to_status)}.", ""))
    if change.from_status == change.to_status != "awaiting_approval":
        return  # an intervention, which has an entry of its own
    if change.from_status == "awaiting_approval" == change.to_status:
        sentence, look = "A new card took the place of the one before.", "open"
    if change.from_status == "queued" and change.to_status == "running":
        sentence = "Read and planned; it goes on without a gate, as its risk is low."
        yield Entry(at=change.at, sentence=sentence)
        return
    plain = change.reason.startswith(_PLAIN) or change.to_status in ("partial", "failed", "blocked")
    trouble = _why(story, change)
    yield Entry(at=change.at, sentence=sentence, look=look, note="" if plain else said(change.reason), trouble=trouble)


def _why(story: Story, change: RunHistory) -> Trouble:
    """Why it failed or was blocked; what its steps say stands with them."""
    by_a_step = any(record.status == "failed" for record in story.steps)
    if change.to_status not in ("failed", "blocked") or by_a_step:
        return NO_TROUBLE
    return read_error(words.spaced(change.reason) if change.to_status == "blocked" else change.reason)


# --- what was asked and decided ---------------------------------------------------------------------------------------


def _asked(leaf: ProposedAction) -> Entry:
    """A proposal that a step staged."""
    sentence = f"Asked for a decision: {leaf.title}."
    return Entry(at=leaf.proposed_at, sentence=sentence, look="open", href=_url(leaf), many="decisions were asked for")


def _told_decisions(story: Story) -> list[Decision]:
    known = {proposal.pk for proposal in story.proposals}
    return [decision for decision in story.decisions if decision.proposal_id in known]


def _proposals_of(story: Story) -> list[ProposedAction]:
    by_id = {proposal.pk: proposal for proposal in story.proposals}
    return [by_id[decision.proposal_id] for decision in _told_decisions(story)]


_VERDICTS: Final = {"approve": ("approved", "good"), "reject": ("rejected", "bad"), "edit": ("edited", "open")}


def _decision(decision: Decision, proposal: ProposedAction) -> Entry:
    verb, look = _VERDICTS[decision.verdict]
    if is_intervention(proposal):
        verb, look = "decided", "warn"
    subject = "the whole run" if not proposal.step else f"“{proposal.title}”"
    return Entry(
        at=decision.decided_at,
        sentence=f"{words.sentence(who(decision.principal))} {verb}: {subject}.",
        look=look,
        note=said(decision.reason),
        href=_url(proposal),
        many=f"proposals were {verb} by {who(decision.principal)}" if proposal.step else "",
    )


# --- what was done ----------------------------------------------------------------------------------------------------

_ENDINGS: Final = {
    "done": "good",
    "failed": "bad",
    "skipped": "",
    "dropped": "warn",
    "not_reached": "warn",
}


def _steps(story: Story) -> Iterator[Entry]:
    """Steps that came to an end; many items of one step that are done at one moment are told together."""
    most = most_attempts(story.run.contract)
    ended = [record for record in story.steps if record.finished_at is not None and record.status in _ENDINGS]
    ended.sort(key=lambda record: (record.finished_at, record.position))
    for _same, group in groupby(ended, key=_told_together):
        yield _ended(story, list(group), most)


def _told_together(record: WorkflowStep) -> tuple[object, ...]:
    """What was done at once, at the first attempt, is one entry; so are items of one step that ended alike."""
    plain = record.status == "done" and record.attempts <= 1
    return (record.finished_at, record.status, "" if plain else record.step, record.error, record.attempts > 1)


def _ended(story: Story, records: list[WorkflowStep], most: int | None) -> Entry:
    first = records[0]
    assert first.finished_at is not None  # noqa: S101 only those are told
    standing = in_words(first, most, story.now).lower()
    failed = first.status == "failed"
    return Entry(
        at=first.finished_at,
        sentence=f"{_together(story, records)}: {standing}.",
        look=_ENDINGS[first.status],
        note="" if failed else said(first.error),
        trouble=read_error(first.error) if failed else NO_TROUBLE,
        href=f"#step-{first.step}" if failed else "",
    )


def _together(story: Story, records: list[WorkflowStep]) -> str:
    """The names of steps; items of one step are counted."""
    if len(records) == 1:
        return place(records[0].step, records[0].item, story.names)
    counts = Counter(record.step for record in records)
    return ", ".join(words.step(step) + (f" ({count} items)" if count > 1 else "") for step, count in counts.items())


def _letter(letter: OutboundEmail) -> Entry | None:
    if letter.bounced_at:
        sentence = f"The letter to {letter.to} came back."
        return Entry(at=letter.bounced_at, sentence=sentence, look="bad", href=_url(letter))
    if letter.status == "sent" and letter.sent_at:
        sentence = f"Letter sent to {letter.to}: {letter.subject}."
        return Entry(at=letter.sent_at, sentence=sentence, look="good", href=_url(letter), many="letters were sent")
    if letter.status in ("uncertain", "failed"):
        end = "was not sent" if letter.status == "failed" else "may or may not have arrived"
        sentence = f"The letter to {letter.to} {end}."
        at = letter.claimed_at or letter.created_at
        return Entry(at=at, sentence=sentence, look="bad", note=said(letter.error), href=_url(letter))
    return None


def _push(push: PendingPush) -> Entry | None:
    record = words.spaced(push.record_type)
    if push.status == "applied" and push.confirmed_at:
        number = f" Its number there is {push.ns_id}." if push.ns_id else ""
        sentence = f"NetSuite confirmed the {record}.{number}"
        return Entry(at=push.confirmed_at, sentence=sentence, look="good", href=_url(push))
    if push.status in ("conflict", "dead", "outcome_unknown", "retrying"):
        end = "has not arrived in NetSuite and will be sent again"
        if push.status in ("conflict", "dead"):
            end = "did not get into NetSuite; somebody must look"
        at = push.sent_at or push.created_at
        return Entry(
            at=at, sentence=f"The {record} {end}.", look="bad", note=said(push.last_error)[:300], href=_url(push)
        )
    return None


_FOUND: Final = {
    "pass": ("holds", "good"),
    "fail": ("does not hold", "bad"),
    "timeout": ("could not be executed in time", "bad"),
    "pending": ("does not hold yet and is looked at again", "warn"),
}


def _checked(result: VerifyResult) -> Entry | None:
    if result.executed_at is None or result.status not in _FOUND:
        return None
    end, look = _FOUND[result.status]
    sentence = f"Check “{words.spaced(result.name)}” {end}."
    return Entry(at=result.executed_at, sentence=sentence, look=look, note=said(result.detail), href=_url(result))


def _alert(alert: Alert) -> Entry:
    open_ = alert.resolved_at is None
    sentence = "An alert was raised." if open_ else "An alert was raised, and is resolved."
    return Entry(at=alert.created_at, sentence=sentence, look="bad" if open_ else "", href=_url(alert))


def _url(row: Model) -> str:
    """The page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])
