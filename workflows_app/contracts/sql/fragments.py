"""Pieces of SQL for both databases at once, with what is known about them.

A query is never printed from the parsed tree: every piece is written here, from names that were resolved and literals
that were quoted, so what is not understood cannot pass.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from workflows_app.contracts.catalog import Column, ColumnKind
from workflows_app.contracts.sql.forms import PlaceKind, Vendor
from workflows_app.contracts.sql.slots import ParameterSlot, Slot

Pieces = tuple[str | Slot, ...]

TEXT = Column(kind="text", nullable=True)
INTEGER = Column(kind="integer", nullable=True)
BOOLEAN = Column(kind="boolean", nullable=True)
DATE = Column(kind="date", nullable=True)
DATETIME = Column(kind="datetime", nullable=True)


def decimal(scale: int) -> Column:
    """A decimal with so many places."""
    return Column(kind="decimal", scale=scale, nullable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One expression. `loose` names the columns it uses outside of aggregates, as `<source>.<column>`."""

    sqlite: Pieces
    postgresql: Pieces
    type: Column | None = None
    loose: frozenset[str] = frozenset()
    aggregate: bool = False
    window: bool = False
    constant: str | int | Decimal | bool | None = None

    @property
    def kind(self) -> ColumnKind | None:
        """The kind of its type, None when unknown."""
        return None if self.type is None else self.type.kind

    @property
    def slot(self) -> Slot | None:
        """The slot, when it is nothing but one."""
        first = self.sqlite[0] if len(self.sqlite) == 1 else None
        return None if isinstance(first, str) else first

    def pieces(self, vendor: Vendor) -> Pieces:
        """The pieces for one database."""
        return self.sqlite if vendor == "sqlite" else self.postgresql


def text(sql: str, type: Column | None = None) -> Fragment:
    """Text that is the same on both databases."""
    return Fragment(sqlite=(sql,), postgresql=(sql,), type=type)


def slot(place: Slot, type: Column | None = None) -> Fragment:
    """A place to be filled in."""
    return Fragment(sqlite=(place,), postgresql=(place,), type=type)


def parameter(place: ParameterSlot, kind: PlaceKind, type: Column | None) -> Fragment:
    """The parameter, now that its kind is known."""
    return slot(replace(place, kind=kind), type)


_HOLE = re.compile(r"\{(\d)\}")


def compose(type: Column | None, sqlite: str, *parts: Fragment, postgresql: str | None = None) -> Fragment:
    """Put `parts` into the `{0}`, `{1}` … of a template, one for each database or one for both."""
    return Fragment(
        sqlite=_fill(sqlite, [part.sqlite for part in parts]),
        postgresql=_fill(postgresql or sqlite, [part.postgresql for part in parts]),
        type=type,
        loose=frozenset().union(*(part.loose for part in parts)),
        aggregate=any(part.aggregate for part in parts),
        window=any(part.window for part in parts),
    )


def join(separator: str, parts: Iterable[Fragment]) -> Fragment:
    """The parts with `separator` between them."""
    found = list(parts)
    joined = [
        compose(None, "{0}", part) if not n else compose(None, separator + "{0}", part) for n, part in enumerate(found)
    ]
    return Fragment(
        sqlite=tuple(piece for part in joined for piece in part.sqlite),
        postgresql=tuple(piece for part in joined for piece in part.postgresql),
        loose=frozenset().union(*(part.loose for part in found)),
        aggregate=any(part.aggregate for part in found),
        window=any(part.window for part in found),
    )


def _fill(template: str, parts: Sequence[Pieces]) -> Pieces:
    filled: list[str | Slot] = []
    for n, part in enumerate(_HOLE.split(template)):
        if n % 2:
            filled.extend(parts[int(part)])
        elif part:
            filled.append(part)
    return tuple(filled)


def render(pieces: Pieces, vendor: Vendor) -> tuple[str, tuple[Slot, ...]]:
    """The text for a Django cursor, and its slots in order. A `%` of the text is doubled, as both backends want it."""
    sql = "".join(piece.replace("%", "%%") if isinstance(piece, str) else piece.sql(vendor) for piece in pieces)
    return sql, tuple(piece for piece in pieces if not isinstance(piece, str))
