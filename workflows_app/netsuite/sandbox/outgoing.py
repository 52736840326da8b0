"""Rows as NetSuite's JSON: links, references with their names, sublists as links unless they are asked for."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows_app.netsuite.sandbox.balances import balances
from workflows_app.netsuite.sandbox.catalog import NAME_COLUMNS, REST_NAMES, TRANSACTIONS
from workflows_app.netsuite.sandbox.errors import bad_parameter
from workflows_app.netsuite.sandbox.fields import Field, Kind, RecordType, Sublist
from workflows_app.netsuite.sandbox.store import Row, rows

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Writes records for one request. `base` is the address of the record API; `today` the account's date."""

    db: sqlite3.Connection
    base: str
    today: str
    expand: bool = False
    names: dict[tuple[str, int], str | None] = field(default_factory=dict)

    def record(self, record: RecordType, row: Row, only: tuple[str, ...] = ()) -> Json:
        """One record; `only` are the properties that the request named, none for all."""
        address = f"{self.base}/{record.name}/{row['id']}"
        self._check_names(record, only)
        document: Json = {"links": [{"rel": "self", "href": address}], "id": str(row["id"])}
        stamps = {"lastModifiedDate": row["lastmodified_utc"], _created(record): row["created_utc"]}
        computed = balances(self.db, row["id"], self.today) if record.name == "customer" else {}
        for found in record.fields:
            value = computed.get(found.name) if found.name in computed else self._value(found, row, record.sign)
            document[found.name] = value
        document |= stamps
        document |= {sublist.name: self.sublist(record, sublist, row["id"], address) for sublist in record.sublists}
        return {n: v for n, v in document.items() if v is not None and (not only or n in only or n in ("links", "id"))}

    def sublist(self, record: RecordType, sublist: Sublist, key: int, address: str) -> Json:
        """A sublist: its link, or its lines too when the request expands them."""
        link = {"links": [{"rel": "self", "href": f"{address}/{sublist.name}"}]}
        return link | self._lines(record, sublist, key, address) if self.expand else link

    def _lines(self, record: RecordType, sublist: Sublist, key: int, address: str) -> Json:
        found = line_rows(self.db, sublist, key)
        items = [self._line(record, sublist, row, address) for row in found]
        return {"items": items, "count": len(items), "hasMore": False, "offset": 0, "totalResults": len(items)}

    def _line(self, record: RecordType, sublist: Sublist, row: Row, address: str) -> Json:
        document: Json = {
            "links": [{"rel": "self", "href": f"{address}/{sublist.name}/{row[sublist.key_column]}"}]
        }  # fmt: skip
        for found in sublist.fields:
            value = self._value(found, row, record.sign)
            outer, _, inner = found.name.rpartition(".")
            target = document.setdefault(outer, {}) if outer else document
            if value is not None:
                target[inner] = value
        return document

    def _value(self, found: Field, row: Row, sign: int) -> Any:
        value = row.get(found.stored)
        if value is None:
            return None
        match found.kind:
            case Kind.FLAG:
                return value == "T"
            case Kind.NUMBER:
                return _plain(value * sign if found.signed else value)
            case Kind.DATE:
                return value[:10]
            case Kind.CHOICE:
                return {"id": value, "refName": found.choices[value]}
            case Kind.REFERENCE:
                return self._reference(found.target, value)
            case _:
                return value

    def _reference(self, table: str, key: int) -> Json:
        rest_name = REST_NAMES.get(table) or self._transaction_name(key)
        href = f"{self.base}/{rest_name}/{key}"
        return {"links": [{"rel": "self", "href": href}], "id": str(key), "refName": self._name(table, key)}

    def _name(self, table: str, key: int) -> str | None:
        if (table, key) not in self.names:
            column = NAME_COLUMNS.get(table, "name")
            sql = f'SELECT {column} AS name FROM "{table}" WHERE id = ?'  # noqa: S608
            found = rows(self.db, sql, key)
            self.names[table, key] = found[0]["name"] if found else None
        return self.names[table, key]

    def _transaction_name(self, key: int) -> str:
        row = self.db.execute('SELECT type FROM "transaction" WHERE id = ?', (key,)).fetchone()
        return TRANSACTIONS[row[0]].name if row else "transaction"

    def _check_names(self, record: RecordType, only: tuple[str, ...]) -> None:
        known = {*record.by_name, *record.sublist, "id", "links", "lastModifiedDate", _created(record)}
        for name in only:
            if name not in known:
                raise bad_parameter(f"Invalid value in the query parameter: unknown field {name}.", "fields")


def line_rows(db: sqlite3.Connection, sublist: Sublist, key: int) -> list[Row]:
    """The lines of a record that its sublist shows, in order."""
    own = " AND mainline = 'F'" if sublist.table == "transactionline" else ""
    order = "id" if sublist.table == "transactionline" else "rowid"
    sql = f'SELECT * FROM "{sublist.table}" WHERE "{sublist.parent}" = ?{own} ORDER BY {order}'  # noqa: S608
    return rows(db, sql, key)


def _created(record: RecordType) -> str:
    return "createdDate" if record.group in ("transaction", "item") else "dateCreated"


def _plain(value: float) -> float | int:
    """A number as JSON writes it: 40 instead of 40.0."""
    rounded = round(value, 8)
    return int(rounded) if rounded == int(rounded) else rounded


def paged(items: Sequence[Mapping[str, Any]], *, total: int, limit: int, offset: int, address: str) -> Json:
    """The paging envelope, with links to the neighbours."""
    last = max(0, (total - 1) // limit * limit)
    more = offset + len(items) < total
    places = {"self": offset, "first": 0, "last": last}
    places |= {"previous": max(0, offset - limit)} if offset else {}
    places |= {"next": offset + limit} if more else {}
    links = [{"rel": rel, "href": f"{address}?limit={limit}&offset={place}"} for rel, place in places.items()]
    return {"links": links, "count": len(items), "hasMore": more, "items": items, "offset": offset,
            "totalResults": total}  # fmt: skip
