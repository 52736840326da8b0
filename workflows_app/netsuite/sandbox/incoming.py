"""Properties of a request, checked and turned into columns, as NetSuite checks them."""

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows_app.netsuite.sandbox.catalog import RECORD_TYPES
from workflows_app.netsuite.sandbox.errors import invalid_value, unknown_property
from workflows_app.netsuite.sandbox.fields import Field, Kind, RecordType, Sublist
from workflows_app.netsuite.sandbox.store import Row

_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]+")
_LARGEST = 2**53
# Always in an answer, never taken from a request; `id` and `refName` come along when a client sends back what it got.
_SERVERS_OWN = {"id", "links", "refName", "lastModifiedDate", "dateCreated", "createdDate"}
_IN_A_LINE = _SERVERS_OWN | {"itemType", "refNum", "type", "id", "addressBookAddress"}


@dataclass(kw_only=True)
class Incoming:
    """What a request body asks for, as columns; `unknown` are the properties left out with a warning."""

    columns: Row = field(default_factory=dict)
    sublists: dict[str, list[Row]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Reads bodies. `validation` is the value of X-NetSuite-PropertyNameValidation: error, warning or ignore."""

    db: sqlite3.Connection
    validation: str = "warning"

    def read(self, record: RecordType, body: Mapping[str, Any]) -> Incoming:
        """The body of a record; raises `RestError` at the first value that NetSuite would refuse."""
        incoming = Incoming()
        for name, value in body.items():
            if name in record.sublist:
                incoming.sublists[name] = self._lines(record.sublist[name], value, incoming)
            else:
                self._property(record.by_name, name, value, name, incoming.columns, incoming)
        return incoming

    def _lines(self, sublist: Sublist, value: Any, incoming: Incoming) -> list[Row]:
        items = value.get("items") if isinstance(value, Mapping) else None
        if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
            raise invalid_value(value, sublist.name, field=sublist.name)
        return [self._line(sublist, item, f"{sublist.name}.items[{n}]", incoming) for n, item in enumerate(items)]

    def _line(self, sublist: Sublist, item: Mapping[str, Any], path: str, incoming: Incoming) -> Row:
        columns: Row = {}
        flat = _flattened(item)
        for name, value in flat.items():
            self._property(sublist.by_name, name, value, f"{path}.{name}", columns, incoming, in_line=True)
        return columns

    def _property(
        self, known: Mapping[str, Field], name: str, value: Any, path: str, columns: Row, incoming: Incoming,
        *, in_line: bool = False,
    ) -> None:  # fmt: skip
        found = known.get(name)
        if found is None:
            self._unknown(name, path, incoming, allowed=_IN_A_LINE if in_line else _SERVERS_OWN)
        elif not found.read_only:
            columns[found.stored] = None if value is None else _READERS[found.kind](self.db, found, value, path)

    def _unknown(self, name: str, path: str, incoming: Incoming, *, allowed: set[str]) -> None:
        if name in allowed:
            return
        if self.validation == "error":
            raise unknown_property(name, path)
        incoming.unknown.append(path)


def _flattened(item: Mapping[str, Any]) -> dict[str, Any]:
    """The line with the properties of its subrecord beside its own: `addressBookAddress.city`."""
    flat: dict[str, Any] = {}
    for name, value in item.items():
        if name == "addressBookAddress" and isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": part for inner, part in value.items() if inner != "links"}
        else:
            flat[name] = value
    return flat


def _text(db: sqlite3.Connection, found: Field, value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise invalid_value(value, path, field=found.name)
    if found.name == "externalId" and not _EXTERNAL_ID.fullmatch(value):
        raise invalid_value(value, path, field=found.name)
    return value


def _flag(db: sqlite3.Connection, found: Field, value: Any, path: str) -> str:
    if not isinstance(value, bool):
        raise invalid_value(value, path, field=found.name)
    return "T" if value else "F"


def _number(db: sqlite3.Connection, found: Field, value: Any, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid_value(value, path, field=found.name)
    return float(value)


def _whole(db: sqlite3.Connection, found: Field, value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise invalid_value(value, path, field=found.name)
    return int(value)


def _day(db: sqlite3.Connection, found: Field, value: Any, path: str) -> str:
    try:
        return f"{date.fromisoformat(value):%Y-%m-%d} 00:00:00"
    except (TypeError, ValueError):
        raise invalid_value(value, path, field=found.name) from None


def _choice(db: sqlite3.Connection, found: Field, value: Any, path: str) -> str:
    code = value.get("id") if isinstance(value, Mapping) else None
    if code not in found.choices:
        raise invalid_value(code or value, path, field=found.name)
    return str(code)


def _reference(db: sqlite3.Connection, found: Field, value: Any, path: str) -> int:
    if not isinstance(value, Mapping):
        raise invalid_value(value, path, field=found.name)
    key = _by_external_id(db, found, value) if "externalId" in value else value.get("id")
    if not is_internal_id(str(key)) or not _exists(db, found.target, int(str(key))):
        raise invalid_value(key or value.get("externalId"), path, field=found.name)
    return int(str(key))


def is_internal_id(text: str) -> bool:
    """Whether it could be an internal id at all."""
    return text.isdecimal() and text.isascii() and int(text) <= _LARGEST


def _by_external_id(db: sqlite3.Connection, found: Field, value: Mapping[str, Any]) -> int | None:
    family = next(record.group for record in RECORD_TYPES.values() if record.table == found.target)
    row = db.execute(
        "SELECT id FROM external_id WHERE family = ? AND folded = ? AND record_table = ?",
        (family, str(value["externalId"]).lower(), found.target),
    ).fetchone()
    return int(row[0]) if row else None


def _exists(db: sqlite3.Connection, table: str, key: int) -> bool:
    return db.execute(f'SELECT 1 FROM "{table}" WHERE id = ?', (key,)).fetchone() is not None  # noqa: S608


_READERS: dict[Kind, Callable[[sqlite3.Connection, Field, Any, str], Any]] = {
    Kind.TEXT: _text,
    Kind.FLAG: _flag,
    Kind.NUMBER: _number,
    Kind.WHOLE: _whole,
    Kind.DATE: _day,
    Kind.CHOICE: _choice,
    Kind.REFERENCE: _reference,
}
