"""The picture of a contract: its lanes in their places, with links, and lit up by how a run stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflows_app.admin.picture.explanations import KINDS, Look
from workflows_app.admin.picture.lanes import Group, Lane, Part, lanes
from workflows_app.admin.picture.layout import Column, Frame, Line, Placed, lay_out
from workflows_app.contracts.schema import Contract


class State(StrEnum):
    """How one box of a run stands. Each has a mark and words beside its colour."""

    PENDING = "pending"  # not its turn yet
    RUNNING = "running"
    WAITING = "waiting"  # for a person, or for its moment
    RETRYING = "retrying"
    DONE = "done"
    WARNING = "warning"  # did not hold, and only warns
    SKIPPED = "skipped"
    NOT_REACHED = "not_reached"
    FAILED = "failed"  # also: blocked, rejected, expired

    @property
    def words(self) -> str:
        """The state as people say it."""
        return "not yet" if self is State.PENDING else self.value.replace("_", " ")

    @property
    def mark(self) -> str:
        """The sign in the corner of the box."""
        return _MARKS[self]


_MARKS: Final = {
    State.PENDING: "○",
    State.RUNNING: "▶",
    State.WAITING: "…",
    State.RETRYING: "↻",
    State.DONE: "✓",
    State.WARNING: "!",
    State.SKIPPED: "–",
    State.NOT_REACHED: "–",
    State.FAILED: "✗",
}
_FROM_THE_RIGHT: Final = 8


@dataclass(frozen=True, kw_only=True)
class Box:
    """One part of the contract: what it says, where it stands, where it leads."""

    part: Part
    frame: Frame
    href: str
    note: str
    state: State | None

    @property
    def css(self) -> str:
        """Its classes: how it looks in the legend, and its state."""
        return f"{self.part.look.css} is-{self.state.value}" if self.state else self.part.look.css

    @property
    def said(self) -> str:
        """What a reader of the screen hears: its name, and its state."""
        return f"{self.part.title}: {self.state.words}" if self.state else self.part.title

    @property
    def mark_x(self) -> int:
        """Where the mark ends."""
        return self.frame.x + self.frame.width - _FROM_THE_RIGHT


@dataclass(frozen=True, kw_only=True)
class DrawnGroup:
    """A heading and its boxes. `explanation`: what such boxes are."""

    title: str
    count: str
    explanation: str
    heading: tuple[Line, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class DrawnLane:
    """A lane, with its background."""

    title: str
    frame: Frame
    groups: tuple[DrawnGroup, ...]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything that the template draws, and says once more in words.

    `arrows`: where each arrow to the next lane begins; `kinds`: the explanation of each kind of step in it.
    """

    title: str
    width: int
    height: int
    lanes: tuple[DrawnLane, ...]
    arrows: tuple[tuple[int, int], ...]
    legend: tuple[Look, ...]
    kinds: tuple[tuple[str, str], ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """All of them, from left to right and from top to bottom."""
        return tuple(box for lane in self.lanes for group in lane.groups for box in group.boxes)


@dataclass(frozen=True, kw_only=True)
class _Lights:
    """What a caller adds to the contract: states, notes and links by key."""

    states: Mapping[str, State]
    notes: Mapping[str, str]
    links: Mapping[str, str]
    base: str

    def box(self, part: Part, frame: Frame) -> Box:
        """The box of a part, in its place."""
        return Box(
            part=part,
            frame=frame,
            href=self.links.get(part.key, f"{self.base}#{part.anchor}"),
            note=self.notes.get(part.key, ""),
            state=self.states.get(part.key, State.PENDING) if self.states else None,
        )

    def group(self, group: Group, placed: Placed) -> DrawnGroup:
        """A group with its boxes."""
        return DrawnGroup(
            title=group.title,
            count=group.count,
            explanation=group.explanation,
            heading=placed.heading,
            boxes=tuple(map(self.box, group.parts, placed.frames)),
        )

    def lane(self, lane: Lane, column: Column) -> DrawnLane:
        """A lane with its groups."""
        return DrawnLane(
            title=lane.title, frame=column.frame, groups=tuple(map(self.group, lane.groups, column.groups))
        )


def picture(
    contract: Contract,
    *,
    states: Mapping[str, State] | None = None,
    notes: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    base: str = "",
) -> Picture:
    """The picture of `contract`; the keys of the boxes are in the docstring of `admin.picture`.

    `states` lights boxes up; those without one are drawn as `pending` as soon as any box has one. `notes`: a further
    small line of a box, such as `38 of 40 done`. `links`: where a box leads; else to its place on the contract's page,
    whose address is `base` (empty: this very page).
    """
    lights = _Lights(states=states or {}, notes=notes or {}, links=links or {}, base=base)
    drawn = lanes(contract)
    plan = lay_out(drawn, lights.notes, marked=bool(states))
    return Picture(
        title=contract.title,
        width=plan.width,
        height=plan.height,
        lanes=tuple(map(lights.lane, drawn, plan.columns)),
        arrows=plan.arrows,
        legend=tuple(Look),
        kinds=tuple((kind, KINDS.get(kind, "")) for kind in dict.fromkeys(step.kind for step in contract.fan_out)),
    )
