"""The steps of a run as rows: how their attempts stand, what went wrong, and what the visitor may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from approvals.canonical import parse
from workflows_app.admin.run.names import said
from workflows_app.admin.run.story import Story
from workflows_app.admin.run.troubles import NO_TROUBLE, Trouble, read_error
from workflows_app.models import WorkflowStep
from workflows_app.presentation import words
from workflows_app.runner.attempts import in_words

MOST: Final = 100
"""So many steps are shown at most; what needs a person comes before what is done."""

_FEW: Final = 3
_URGENT: Final = ("failed", "retrying", "running")


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A step record, how its attempts stand in words, and what the visitor may do with it.

    `about`: what the item is about. `why`: why it was skipped, left out or not reached. `status`: the look of its chip.
    `items`: when it stands for several items that ended alike, what they are about.
    """

    record: WorkflowStep
    title: str
    about: str
    status: str
    standing: str
    why: str
    trouble: Trouble
    can_retry: bool
    can_skip: bool
    items: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """What the step deals with, in words."""
        return words.step_kind(self.record.kind)

    @property
    def file(self) -> str:
        """The name of the file that it produced, without its folder; empty without one."""
        artifact = parse(self.record.output).get("artifact") or {"key": ""}
        return str(artifact["key"]).rpartition("/")[2]

    @property
    def mark(self) -> str:
        """A name for it on the page that changes with each attempt: what was typed for one is not kept for the next."""
        return f"{self.record.pk}-{self.record.attempts}-{self.record.status}"


@dataclass(frozen=True, kw_only=True)
class StepRows:
    """The rows that are shown; `more`: how many are not."""

    shown: tuple[StepRow, ...]
    more: int


def read_steps(story: Story, refusal: str, most_attempts: int | None) -> StepRows:
    """The steps in their order. `refusal`: why the visitor may only look."""
    reused = {(item["step"], item["item"]) for item in story.plan if "reused" in item}
    records = _first(story.steps)
    rows = [_row(story, record, refusal, most_attempts, reused) for record in records]
    return StepRows(shown=tuple(_together(rows)), more=len(story.steps) - len(records))


def _together(rows: Sequence[StepRow]) -> Iterator[StepRow]:
    """Items of one step that ended alike are one row, when they are many."""
    for alike, group in groupby(rows, key=_ended_alike):
        members = list(group)
        if alike is None or len(members) <= _FEW:
            yield from members
        else:
            items = tuple(row.about or row.record.item for row in members)
            yield replace(members[0], about=f"{len(members)} items", items=items)


def _ended_alike(row: StepRow) -> tuple[str, str, str] | None:
    """What items must share to be one row; None for what must stand by itself."""
    settled = row.status in ("done", "skipped", "dropped", "not_reached") and not row.can_skip
    return (row.record.step, row.standing, row.why) if settled else None


def _first(records: Sequence[WorkflowStep]) -> list[WorkflowStep]:
    """At most so many, none of those that need a person left out before one that is done; in their order."""
    if len(records) <= MOST:
        return list(records)
    kept = sorted(records, key=lambda record: record.status not in _URGENT)[:MOST]
    return sorted(kept, key=lambda record: (record.position, record.item))


def _row(story: Story, record: WorkflowStep, refusal: str, most: int | None, reused: set[tuple[str, str]]) -> StepRow:
    place = (record.step, record.item)
    decides = not refusal and not story.ended
    wrong = record.status in ("failed", "retrying", "running")
    return StepRow(
        record=record,
        title=words.step(record.step),
        about=story.names.get(place, record.item),
        status=record.status,
        standing="reused" if place in reused else in_words(record, most, story.now),
        why="" if wrong else said(record.error),
        trouble=read_error(record.error) if wrong else NO_TROUBLE,
        can_retry=decides and record.status == "retrying" and story.run.status != "held",
        can_skip=decides and record.status in ("pending", "retrying"),
    )
