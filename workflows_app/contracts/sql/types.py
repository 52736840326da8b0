"""Which types go together, and how an expression is fitted to the one beside it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlglot import exp

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql import forms
from workflows_app.contracts.sql.forms import PlaceKind
from workflows_app.contracts.sql.fragments import (
    BOOLEAN,
    DATE,
    DATETIME,
    Fragment,
    compose,
    parameter,
    slot,
    text,
)
from workflows_app.contracts.sql.reader import Reader
from workflows_app.contracts.sql.slots import ClockSlot, ParameterSlot

_NUMBERS = ("integer", "decimal")
_TEMPORAL = ("date", "datetime")


def is_number(fragment: Fragment) -> bool:
    """Whether it is a number, or nothing is known about it."""
    return fragment.kind is None or fragment.kind in _NUMBERS


def assume(fragment: Fragment, type: Column, kind: PlaceKind | None = None) -> Fragment:
    """Give a `?` without a type the type of its place; anything else stays."""
    place = fragment.slot
    if isinstance(place, ParameterSlot) and place.kind is None:
        return parameter(place, kind or type.kind, type)
    return fragment


def comparable(reader: Reader, node: exp.Expr, left: Fragment, right: Fragment) -> tuple[Fragment, Fragment]:
    """Both sides of a comparison so that each database compares the same things."""
    left, right = _fit(left, right), _fit(right, left)
    if left.kind == right.kind or left.kind is None or right.kind is None:
        return left, right
    if is_number(left) and is_number(right):
        return left, right
    if left.kind in _TEMPORAL and right.kind in _TEMPORAL:
        return _as_moment(left, right), _as_moment(right, left)
    reader.problem(node, f"{left.kind} cannot be compared with {right.kind}")
    return left, right


def unify(reader: Reader, node: exp.Expr, parts: Sequence[Fragment]) -> tuple[list[Fragment], Column | None]:
    """Branches of one expression (CASE, COALESCE, UNION) with their common type."""
    type: Column | None = None
    for part in parts:
        type = _common(reader, node, type, part.type)
    if type is None:
        return list(parts), None
    whole = replace(type, nullable=True)
    return [assume(_literal(part, type), whole) for part in parts], whole


def _common(reader: Reader, node: exp.Expr, first: Column | None, second: Column | None) -> Column | None:
    if first is None or second is None or first.kind == second.kind == "integer":
        return first or second
    if first.kind in _NUMBERS and second.kind in _NUMBERS:
        return Column(kind="decimal", scale=max(first.scale, second.scale), nullable=True)
    if first.kind != second.kind:
        reader.problem(node, f"{first.kind} and {second.kind} cannot stand for one value")
    return first


def _fit(fragment: Fragment, other: Fragment) -> Fragment:
    """A `?` or a literal in the type of what it is compared with."""
    if other.type is None:
        return fragment
    kind: PlaceKind = "moment" if other.type.kind == "date" else other.type.kind
    return assume(_literal(fragment, other.type), other.type, kind)


def _literal(fragment: Fragment, type: Column) -> Fragment:
    """A literal in SQLite's spelling of another type: 0 and 1 for booleans, text for dates and moments."""
    constant = fragment.constant
    if type.kind == "boolean" and constant in (0, 1) and not isinstance(constant, bool):
        return boolean(constant == 1)
    if type.kind in _TEMPORAL and isinstance(constant, str):
        return _temporal(fragment, constant)
    return fragment


def boolean(value: bool) -> Fragment:
    """TRUE or FALSE."""
    return replace(
        compose(BOOLEAN, "1" if value else "0", postgresql="TRUE" if value else "FALSE"),
        constant=value,
    )


def _temporal(fragment: Fragment, constant: str) -> Fragment:
    found = forms.parse_moment(constant)
    if found is None:
        return fragment
    if isinstance(found, datetime):
        sql = forms.datetime_text(found)
        return replace(compose(DATETIME, f"'{sql}'", postgresql=f"TIMESTAMPTZ '{sql}+00'"), constant=constant)
    return replace(compose(DATE, f"'{found}'", postgresql=f"DATE '{found}'"), constant=constant)


def _as_moment(fragment: Fragment, other: Fragment) -> Fragment:
    """A side of a comparison between a date and a datetime, so that SQLite's text order sees midnight as PostgreSQL."""
    place = fragment.slot
    if isinstance(place, ClockSlot):
        beside_date = other.kind == "date" and other.slot is None
        return slot(replace(place, kind="moment" if beside_date else "datetime"), DATETIME)
    if fragment.kind == "date" and not isinstance(other.slot, ClockSlot):
        return compose(DATETIME, "({0} || ' 00:00:00')", fragment, postgresql="{0}")
    return fragment


def collated(fragment: Fragment) -> Fragment:
    """Text that is ordered by code point on PostgreSQL too, whatever the collation of the database."""
    if fragment.kind != "text":
        return fragment
    return replace(compose(fragment.type, "{0}", fragment, postgresql='({0} COLLATE "C")'), constant=fragment.constant)


def decollated(fragment: Fragment) -> Fragment:
    """Undo `collated` on what was made from it: LOWER knows only ASCII under the collation "C"."""
    return compose(fragment.type, "{0}", fragment, postgresql='({0} COLLATE "default")')


def string(value: str) -> Fragment:
    """A text literal."""
    quoted = value.replace("'", "''")
    return replace(text(f"'{quoted}'", Column(kind="text")), constant=value)
