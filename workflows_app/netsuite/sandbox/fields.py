"""What a record type is made of, as data: its properties, its sublists, and the table behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a property holds, and so how it is checked, stored and shown."""

    TEXT = "text"
    FLAG = "boolean"  # 'T' or 'F' in the table
    NUMBER = "number"
    WHOLE = "integer"
    DATE = "date"  # a day without a zone; midnight in the table
    REFERENCE = "reference"  # the internal id of another record
    CHOICE = "choice"  # one of a closed list, shown as {"id", "refName"}


@dataclass(frozen=True, kw_only=True)
class Field:
    """A property of a record or of a line.

    `name` is the REST name; a dot leads into a subrecord. `column` is the name in the table, which is also SuiteQL's
    unless `queryable` is off. A `signed` number is stored negative by record types whose `sign` is -1.
    """

    name: str
    kind: Kind = Kind.TEXT
    column: str = ""
    label: str = ""
    target: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    signed: bool = False
    queryable: bool = True

    @property
    def stored(self) -> str:
        """The column that holds it."""
        return self.column or self.name.rpartition(".")[2].lower()


@dataclass(frozen=True, kw_only=True)
class Sublist:
    """Lines of a record. `key` is the property by which a line of a request finds the line that is there."""

    name: str
    table: str
    parent: str
    key: str
    fields: tuple[Field, ...]
    unique: str = ""  # the column with a number of its own, over all records

    @property
    def key_column(self) -> str:
        """Where the key is stored."""
        return self.by_name[self.key].stored

    @property
    def by_name(self) -> Mapping[str, Field]:
        """The properties of a line by REST name."""
        return {field.name: field for field in self.fields}


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """A record type: where it is stored, and in which `group` its external ids are unique."""

    name: str
    table: str
    group: str
    fields: tuple[Field, ...]
    sublists: tuple[Sublist, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)  # what tells its rows from others of the table
    required: tuple[str, ...] = ()
    sign: int = 1
    number_prefix: str = ""  # of the number that a new record gets when it brings none

    @property
    def by_name(self) -> Mapping[str, Field]:
        """The properties by REST name."""
        return {field.name: field for field in self.fields}

    @property
    def sublist(self) -> Mapping[str, Sublist]:
        """The sublists by REST name."""
        return {sublist.name: sublist for sublist in self.sublists}


def text(name: str, label: str = "", column: str = "", *, read_only: bool = False) -> Field:
    """A text."""
    return Field(name=name, label=label, column=column, read_only=read_only)


def flag(name: str) -> Field:
    """A boolean."""
    return Field(name=name, kind=Kind.FLAG)


def number(
    name: str, column: str = "", *, read_only: bool = False, signed: bool = False, queryable: bool = True
) -> Field:
    """An amount, a price or a quantity."""
    return Field(
        name=name, kind=Kind.NUMBER, column=column, read_only=read_only, signed=signed, queryable=queryable
    )  # fmt: skip


def whole(name: str, column: str = "") -> Field:
    """A whole number."""
    return Field(name=name, kind=Kind.WHOLE, column=column)


def day(name: str, label: str = "", *, read_only: bool = False) -> Field:
    """A date."""
    return Field(name=name, kind=Kind.DATE, label=label, read_only=read_only)


def reference(name: str, target: str, label: str = "", column: str = "") -> Field:
    """The id of a record in the table `target`."""
    return Field(name=name, kind=Kind.REFERENCE, target=target, label=label, column=column)


def choice(name: str, choices: Mapping[str, str], *, read_only: bool = False) -> Field:
    """One of a closed list: id and label."""
    return Field(name=name, kind=Kind.CHOICE, choices=choices, read_only=read_only)
