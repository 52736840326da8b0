"""What is known about values before a run: their kinds, and the columns and elements behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from workflows_app.contracts.catalog import Column, Table

Kind = Literal[
    "text", "integer", "decimal", "boolean", "date", "datetime", "null", "unknown", "row", "list", "pattern"
]  # fmt: skip

_FAMILIES: Mapping[Kind, str] = {
    "text": "text",
    "pattern": "text",
    "integer": "number",
    "decimal": "number",
    "boolean": "boolean",
    "date": "moment",
    "datetime": "moment",
    "row": "row",
    "list": "list",
}


@dataclass(frozen=True, kw_only=True)
class Type:
    """The type of a value. A `row` has `columns` (None: not known), a `list` has an `element` (None: not known)."""

    kind: Kind
    columns: "Mapping[str, Type] | None" = None
    element: "Type | None" = None

    @property
    def family(self) -> str:
        """Values of one family compare with each other; empty for NULL and for the unknown, which fit everywhere."""
        return _FAMILIES.get(self.kind, "")

    @property
    def elements(self) -> "Type":
        """The type of a list's elements, looking through lists of lists; UNKNOWN for anything else."""
        if self.kind != "list" or self.element is None:
            return UNKNOWN
        return self.element.elements if self.element.kind == "list" else self.element


TEXT = Type(kind="text")
INTEGER = Type(kind="integer")
DECIMAL = Type(kind="decimal")
BOOLEAN = Type(kind="boolean")
DATE = Type(kind="date")
DATETIME = Type(kind="datetime")
NULL = Type(kind="null")
UNKNOWN = Type(kind="unknown")
PATTERN = Type(kind="pattern")


@dataclass(frozen=True, kw_only=True)
class TypeScope:
    """The names that an expression may use, with their types, and the tables that `match` and aggregates may read."""

    names: Mapping[str, Type] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)

    def bind(self, name: str, bound: Type) -> "TypeScope":
        """The same scope with a further name, such as a loop's alias."""
        return TypeScope(names={**self.names, name: bound}, tables=self.tables)


def row_of(columns: Mapping[str, Type] | None = None) -> Type:
    """A row; None when its columns are not known."""
    return Type(kind="row", columns=columns)


def list_of(element: Type) -> Type:
    """A list of one type of element."""
    return Type(kind="list", element=element)


def type_of_column(column: Column | None) -> Type:
    """The type of a table's column, or of a result column; None is not known."""
    return UNKNOWN if column is None else Type(kind=column.kind)


def type_of_columns(columns: Mapping[str, Column | None]) -> Type:
    """A row with these columns."""
    return row_of({name: type_of_column(column) for name, column in columns.items()})


_INPUTS: Mapping[str, Type] = {
    "string": TEXT,
    "text": TEXT,
    "email": TEXT,
    "integer": INTEGER,
    "decimal": DECIMAL,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "object": row_of(),
}


def type_of_input(declared: str) -> Type:
    """The type of an input by its declaration in a contract, such as `email` or `list[decimal]`."""
    if declared.startswith("list["):
        return list_of(_INPUTS[declared[5:-1]])
    return _INPUTS[declared]
