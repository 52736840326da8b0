"""What the static check of an expression knows, and what it has found wrong."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from workflows_app.contracts.expressions import types
from workflows_app.contracts.expressions.types import Type, TypeScope
from workflows_app.contracts.expressions.values import NOUNS


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What one pass over one expression knows and has found wrong, each problem with the character where it stands."""

    scope: TypeScope
    problems: list[tuple[str, int]] = field(default_factory=list)

    def problem(self, message: str, offset: int) -> Type:
        """Note a problem; what has one is of unknown type, so that it is complained about once."""
        self.problems.append((message, offset))
        return types.UNKNOWN

    def needs(self, families: Iterable[str], found: Type, what: str, offset: int) -> None:
        """`what` works on these families only."""
        if found.family and found.family not in families:
            needed = " or ".join(NOUNS[family] for family in sorted(families))
            self.problem(f"{what} needs {needed}, not {noun(found)}", offset)

    def comparable(self, left: Type, right: Type, offset: int) -> None:
        """Both are of one family, and of one whose values compare."""
        if not left.family or not right.family:
            return
        if left.family != right.family:
            self.problem(f"{noun(left)} cannot be compared with {noun(right)}{_advice(left, right)}", offset)
        elif left.family in ("list", "row"):
            self.problem(f"{noun(left)} cannot be compared", offset)

    def column(self, table: str, column: str, offset: int) -> Type:
        """The type of a table's column."""
        known = self.scope.tables.get(table)
        if known is None:
            return self.problem(f"there is no table {table}{meant(table, self.scope.tables)}", offset)
        if column not in known.columns:
            return self.problem(f"{table} has no column {column}{meant(column, known.columns)}", offset)
        return types.type_of_column(known.columns[column])


def noun(found: Type) -> str:
    """A type in words; it must be known."""
    return NOUNS[found.family]


def meant(name: str, known: Iterable[str]) -> str:
    """A suggestion for a name that is not known; empty when none is near."""
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""


def _advice(left: Type, right: Type) -> str:
    return "; write date('2026-01-31') or datetime('…')" if {left.family, right.family} == {"moment", "text"} else ""
