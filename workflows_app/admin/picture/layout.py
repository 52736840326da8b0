"""Where everything stands in the picture, in pixels: lanes side by side, boxes from top to bottom."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from workflows_app.admin.picture.lanes import Group, Lane, Part
from workflows_app.admin.picture.text import wrap

TITLE_SIZE: Final = 12.0
DETAIL_SIZE: Final = 10.5
HEADING_SIZE: Final = 11.0
_TITLE_LINE: Final = 15
_DETAIL_LINE: Final = 13
_DETAIL_LINES: Final = 3
_INSIDE: Final = 8
_BETWEEN_BOXES: Final = 8
_LANE_EDGE: Final = 8
_BETWEEN_LANES: Final = 18
_BETWEEN_GROUPS: Final = 12
_FOR_THE_MARK: Final = 16


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of text; (x, y) is where its base line begins. `role`: `lane`, `head`, `title` or `detail`."""

    x: int
    y: int
    text: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A box or a lane: its corner, its size and its lines."""

    x: int
    y: int
    width: int
    height: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A group with the lines of its heading and the frames of its parts, in their order."""

    heading: tuple[Line, ...]
    frames: tuple[Frame, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A lane with its groups in their places."""

    frame: Frame
    groups: tuple[Placed, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The whole: its size, its lanes, and the arrows from each to the next as (x, y) of their beginning."""

    width: int
    height: int
    columns: tuple[Column, ...]
    arrows: tuple[tuple[int, int], ...]


def lay_out(lanes: tuple[Lane, ...], notes: Mapping[str, str], *, marked: bool) -> Plan:
    """Place the lanes. `notes`: a further line for a box by its key; `marked`: leave room for a mark in each box."""
    widths = [_lane_width(lane) for lane in lanes]
    lefts = [0, *accumulate(width + _BETWEEN_LANES for width in widths)]
    titles = [wrap(lane.title, width - 2 * _LANE_EDGE, TITLE_SIZE) for lane, width in zip(lanes, widths, strict=True)]
    top = _LANE_EDGE + max(map(len, titles)) * _TITLE_LINE + 6
    placed = [
        _groups(lane, left + _LANE_EDGE, top, notes, marked=marked) for lane, left in zip(lanes, lefts, strict=False)
    ]
    height = max(_bottom(groups, top) for groups in placed) + _LANE_EDGE
    columns = tuple(
        Column(frame=_lane(left, width, height, title), groups=groups)
        for left, width, title, groups in zip(lefts, widths, titles, placed, strict=False)
    )
    arrow = top + 2 * _DETAIL_LINE + 26
    return Plan(
        width=lefts[-1] - _BETWEEN_LANES,
        height=height,
        columns=columns,
        arrows=tuple((column.frame.x + column.frame.width + 1, arrow) for column in columns[:-1]),
    )


def _lane_width(lane: Lane) -> int:
    return sum(group.room for group in lane.groups) + _BETWEEN_GROUPS * (len(lane.groups) - 1) + 2 * _LANE_EDGE


def _lane(left: int, width: int, height: int, title: tuple[str, ...]) -> Frame:
    lines = tuple(
        Line(x=left + _LANE_EDGE, y=_LANE_EDGE + 12 + number * _TITLE_LINE, text=text, role="lane")
        for number, text in enumerate(title)
    )
    return Frame(x=left, y=0, width=width, height=height, lines=lines)


def _groups(lane: Lane, left: int, top: int, notes: Mapping[str, str], *, marked: bool) -> tuple[Placed, ...]:
    placed: list[Placed] = []
    for group in lane.groups:
        placed.append(_group(group, left, top, notes, marked=marked))
        left += group.room + _BETWEEN_GROUPS
    return tuple(placed)


def _group(group: Group, left: int, top: int, notes: Mapping[str, str], *, marked: bool) -> Placed:
    heading = (
        Line(x=left, y=top + 11, text=wrap(group.title, group.room, HEADING_SIZE, 1)[0], role="head"),
        Line(x=left, y=top + 11 + _DETAIL_LINE, text=wrap(group.count, group.room, DETAIL_SIZE, 1)[0], role="detail"),
    )
    frames: list[Frame] = []
    y = top + 2 * _DETAIL_LINE + 8
    for part in group.parts:
        frames.append(_box(part, left, y, group.room, notes.get(part.key, ""), marked=marked))
        y += frames[-1].height + _BETWEEN_BOXES
    return Placed(heading=heading, frames=tuple(frames))


def _box(part: Part, left: int, top: int, width: int, note: str, *, marked: bool) -> Frame:
    room = width - 2 * _INSIDE
    titles = wrap(part.title, room - (_FOR_THE_MARK if marked else 0), TITLE_SIZE)
    told = (note, *part.details) if note else part.details
    details = [line for text in told for line in wrap(text, room, DETAIL_SIZE, _DETAIL_LINES)]
    x, y = left + _INSIDE, top + 6
    lines = [Line(x=x, y=y + 11 + number * _TITLE_LINE, text=text, role="title") for number, text in enumerate(titles)]
    y += len(titles) * _TITLE_LINE
    lines += [
        Line(x=x, y=y + 10 + number * _DETAIL_LINE, text=text, role="detail") for number, text in enumerate(details)
    ]
    height = 12 + len(titles) * _TITLE_LINE + len(details) * _DETAIL_LINE
    return Frame(x=left, y=top, width=width, height=height, lines=tuple(lines))


def _bottom(groups: tuple[Placed, ...], top: int) -> int:
    return max((frame.y + frame.height for group in groups for frame in group.frames), default=top + 60)
