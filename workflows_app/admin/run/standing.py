"""Where a run stands, in one or two sentences, and what a person may do about trouble with it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from django.contrib.admin.utils import quote
from django.urls import reverse

from workflows_app.admin.run.names import said
from workflows_app.admin.run.story import Story
from workflows_app.admin.run.troubles import NO_TROUBLE, Trouble, read_error
from workflows_app.presentation import moments, words
from workflows_app.runner.claim import MOST_CRASHES

_FEW: Final = 120


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One sentence; `href` and `link`: where to go next. `trouble`: what went wrong with the run as a whole."""

    sentence: str
    href: str = ""
    link: str = ""
    trouble: Trouble = NO_TROUBLE


def read_standing(story: Story) -> Standing:
    """How the run stands at the moment of its story."""
    return _TELL[story.run.status](story)


def crashes(story: Story) -> str:
    """How many workers in a row died with it, and what follows; empty when none did."""
    count = story.run.crashes
    if not count or story.ended:
        return ""
    died = "A worker died" if count == 1 else f"{count} workers in a row died"
    left = MOST_CRASHES - count
    after = "it is stopped now" if left <= 0 else f"after {left} more the run is stopped"
    return f"{died} while working on this run; {after}."


def until_wake(wake: datetime | None, now: datetime) -> str:
    """When it goes on: `in 4 s`, `in 3 min`, or `now`."""
    seconds = 0 if wake is None else ceil((wake - now).total_seconds())
    if seconds <= 0:
        return "now"
    return f"in {seconds} s" if seconds < _FEW else f"in {ceil(seconds / 60)} min"


def _until(story: Story) -> str:
    return until_wake(story.run.wake_at, story.now)


def _queued(story: Story) -> Standing:
    if story.run.error:
        return Standing(
            sentence=f"A worker broke off; it is tried again {_until(story)}.", trouble=read_error(story.run.error)
        )
    if story.run.lease_owner:
        return Standing(sentence="A worker is at it." + _counted(story))
    since = moments.age(story.history[-1].at if story.history else story.run.queued_at, story.now)
    return Standing(sentence=f"Waits for a worker, since {since.removesuffix(' ago')}." + _counted(story))


def _awaiting(story: Story) -> Standing:
    gate = story.gate
    if gate is None:
        return Standing(sentence="Waits for a decision.")
    asked = f"Waits for a decision, asked {moments.age(gate.proposed_at, story.now)}."
    late = gate.window_ends_at < story.now
    window = "An answer is overdue" if late else f"An answer is hoped for by {moments.said(gate.window_ends_at)}"
    href = reverse("admin:approvals_proposedaction_change", args=[quote(gate.pk)])
    sentence = f"{asked} {window}; it expires {moments.said(gate.expires_at)}."
    return Standing(sentence=sentence, href=href, link="Open the card and decide")


def _retrying(story: Story) -> Standing:
    return Standing(sentence=f"A step did not succeed; it is tried again {_until(story)}." + _counted(story))


def _held(story: Story) -> Standing:
    href = reverse("admin:workflows_app_hold_changelist")
    sentence = "Everything is on hold. It goes on where it is when the hold is lifted." + _counted(story)
    return Standing(sentence=sentence, href=href, link="Look at the switch")


def _blocked(story: Story) -> Standing:
    text = story.run.error.removeprefix("blocked when checked again: ")
    again = "when it was checked again before it was applied" if text != story.run.error else ""
    if text.startswith("it could not be read again: "):
        return Standing(sentence="Blocked: nothing was done.", trouble=read_error(story.run.error))
    sentence = " ".join(filter(None, ["Blocked: a check does not hold", again])) + ". Nothing was done."
    advice = "Mend what the check names, then start the workflow again."
    return Standing(sentence=sentence, trouble=Trouble(plain=said(words.spaced(text)), advice=advice))


def _completed(story: Story) -> Standing:
    took = lasted((story.run.completed_at or story.now) - story.run.queued_at)
    return Standing(sentence=f"Completed, after {took}." + _counted(story) + _open_questions(story))


def _partial(story: Story) -> Standing:
    return Standing(sentence="Ended; a part of it was not done." + _counted(story) + _open_questions(story))


def _failed(story: Story) -> Standing:
    done = any(record.status == "done" for record in story.steps)
    said_by_steps = any(record.status == "failed" for record in story.steps)
    sentence = "Failed." + (_counted(story) if story.steps else " Nothing was done.")
    if done:
        sentence += " What was done stays."
    return Standing(sentence=sentence, trouble=NO_TROUBLE if said_by_steps else read_error(story.run.error))


def _ended(story: Story) -> Standing:
    """Rejected, expired or cancelled: the reason says by whom."""
    done = any(record.status == "done" for record in story.steps)
    rest = _counted(story) + " What was done stays." if done else " Nothing was done."
    return Standing(sentence=f"{said(story.run.error).rstrip('.') or story.run.get_status_display()}." + rest)


_TELL: Mapping[str, Callable[[Story], Standing]] = {
    "queued": _queued,
    "running": _queued,
    "awaiting_approval": _awaiting,
    "retrying": _retrying,
    "held": _held,
    "blocked": _blocked,
    "completed": _completed,
    "partial": _partial,
    "failed": _failed,
    "rejected": _ended,
    "expired": _ended,
    "cancelled": _ended,
}

_WORDS: Final = (
    ("done", "done"),
    ("running", "under way"),
    ("retrying", "to be tried again"),
    ("pending", "to do"),
    ("failed", "failed"),
    ("not_reached", "not reached"),
    ("skipped", "skipped"),
    ("dropped", "left out"),
)


def _counted(story: Story) -> str:
    """The steps by their standing: ` Of 5 steps 3 are done, 1 failed, 1 not reached.`"""
    counts = Counter(record.status for record in story.steps)
    if not counts:
        return ""
    if set(counts) == {"done"}:
        return " Its one step is done." if counts["done"] == 1 else f" All {counts['done']} steps are done."
    parts = [f"{counts[status]} {word}" for status, word in _WORDS if counts[status]]
    return f" Steps: {', '.join(parts)}."


def _open_questions(story: Story) -> str:
    waiting = sum(leaf.status == "pending" and leaf.expires_at > story.now for leaf in story.leaves)
    if not waiting:
        return ""
    return " One decision is still open." if waiting == 1 else f" {waiting} decisions are still open."


def lasted(length: timedelta) -> str:
    """A length of time, with tenths of a second when it is short."""
    seconds = length.total_seconds()
    if seconds < 0.1:
        return "under 0.1 s"
    return f"{seconds:.1f} s" if seconds < 60 else moments.span(length)
