"""Records in the file: find, create, change, delete, with the rules of a NetSuite form."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows_app.netsuite.sandbox.completion import complete, name_of
from workflows_app.netsuite.sandbox.errors import no_such_record, user_error
from workflows_app.netsuite.sandbox.external_ids import claim_external_id
from workflows_app.netsuite.sandbox.fields import RecordType
from workflows_app.netsuite.sandbox.incoming import Incoming, is_internal_id
from workflows_app.netsuite.sandbox.payments import settle, settled_by
from workflows_app.netsuite.sandbox.settings import SandboxSettings
from workflows_app.netsuite.sandbox.store import Row, Store, insert, next_id, rows, update
from workflows_app.netsuite.sandbox.sublists import write_lines

_TYPE_IDS = {"customer": -2, "vendor": -3, "employee": -4, "item": -10, "transaction": -30}
_CREATED = {"transaction": "createddate", "item": "createddate"}
_DATED = {"customer", "vendor", "employee", "item", "transaction"}
_FIRST_ID = 100
_DEPENDENT = {
    "customer": (("transaction", "entity"), ("customer", "parent")),
    "vendor": (("transaction", "entity"), ("itemvendor", "vendor")),
    "employee": (("customer", "salesrep"),),
    "item": (("transactionline", "item"),),
    "term": (("customer", "terms"), ("transaction", "terms")),
    "transaction": (("transactionlink", "previousdoc"),),
}


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of one transaction on the file."""

    store: Store
    db: sqlite3.Connection
    settings: SandboxSettings

    def find(self, record: RecordType, key: str) -> Row:
        """The row behind an internal id or `eid:<external id>`. Raises `RestError` 404."""
        found = self.look_up(record, key)
        if found is None:
            raise no_such_record()
        return found

    def look_up(self, record: RecordType, key: str) -> Row | None:
        """The same, or None when there is no such record."""
        if key.startswith("eid:"):
            sql = "SELECT id FROM external_id WHERE family = ? AND folded = ? AND record_table = ?"
            row = self.db.execute(sql, (record.group, key[4:].lower(), record.table)).fetchone()
            key = str(row[0]) if row else ""
        if not is_internal_id(key):
            return None
        fixed = "".join(f' AND "{column}" = ?' for column in record.fixed)
        sql = f'SELECT * FROM "{record.table}" WHERE id = ?{fixed}'  # noqa: S608
        found = rows(self.db, sql, int(key), *record.fixed.values())
        return found[0] if found else None

    def create(self, record: RecordType, incoming: Incoming) -> int:
        """A new record; its internal id."""
        key = next_id(self.db, record.group, first=_FIRST_ID)
        now = self.store.now()
        row: Row = {"id": key, **record.fixed, **incoming.columns}
        row |= self.store.stamps(now, new=True)
        if record.table in _DATED:
            row[_CREATED.get(record.table, "datecreated")] = self.store.local(now)
        complete(self.db, record, row, today=self.store.local(now)[:10], settings=self.settings)
        self._refuse_double(record, row)
        claim_external_id(self.db, record, key, row.get("externalid"))
        insert(self.db, record.table, row)
        self._finish(record, key, incoming, replace=frozenset())
        return key

    def change(self, record: RecordType, row: Row, incoming: Incoming, replace: frozenset[str]) -> int:
        """Change what the request names; the rest stays. `replace`: the sublists whose lines it replaces."""
        key = int(row["id"])
        changed = {**row, **incoming.columns}
        complete(self.db, record, changed, today=row.get("trandate", ""), settings=self.settings)
        self._refuse_double(record, changed)
        if "externalid" in incoming.columns:
            claim_external_id(self.db, record, key, incoming.columns["externalid"])
        columns = {name: value for name, value in changed.items() if value != row.get(name)}
        update(self.db, record.table, key, columns | self.store.stamps(self.store.now(), new=False))
        self._finish(record, key, incoming, replace=replace)
        return key

    def delete(self, record: RecordType, row: Row) -> None:
        """Remove a record with its lines; it stays known to `deletedrecord`."""
        key, stamps = int(row["id"]), self.store.stamps(self.store.now(), new=False)
        self._refuse_if_needed(record, key)
        touched = settled_by(self.db, key)
        for sublist in record.sublists:
            self.db.execute(f'DELETE FROM "{sublist.table}" WHERE "{sublist.parent}" = ?', (key,))  # noqa: S608
        if record.group == "transaction":
            self.db.execute('DELETE FROM transactionline WHERE "transaction" = ?', (key,))
        self.db.execute(f'DELETE FROM "{record.table}" WHERE id = ?', (key,))  # noqa: S608
        self.db.execute("DELETE FROM external_id WHERE record_table = ? AND id = ?", (record.table, key))
        gone = {"recordid": key, "type": record.name.lower(), "name": name_of(record, row),
                "recordtypeid": _TYPE_IDS.get(record.table), "deleteddate": stamps["lastmodifieddate"],
                "context": "REST Web Services", "iscustomrecord": "F"}  # fmt: skip
        insert(self.db, "deletedrecord", gone)
        for document in touched:
            settle(self.db, document, stamps)

    def _finish(self, record: RecordType, key: int, incoming: Incoming, replace: frozenset[str]) -> None:
        """Write the lines, then what follows from them: totals, what is paid, default addresses."""
        touched = settled_by(self.db, key) if record.group == "transaction" else set()
        for sublist in record.sublists:
            given = incoming.sublists.get(sublist.name)
            if given is not None:
                write_lines(self.db, record, sublist, key, given, replace=sublist.name in replace)
        if record.group == "transaction":
            stamps = self.store.stamps(self.store.now(), new=False)
            for document in {key, *touched, *settled_by(self.db, key)}:
                settle(self.db, document, stamps)

    def _refuse_if_needed(self, record: RecordType, key: int) -> None:
        """What other records refer to cannot be deleted."""
        for table, column in _DEPENDENT.get(record.table, ()):
            if self.db.execute(f'SELECT 1 FROM "{table}" WHERE "{column}" = ?', (key,)).fetchone():  # noqa: S608
                raise user_error("This record cannot be deleted because it has dependent records.")

    def _refuse_double(self, record: RecordType, row: Mapping[str, Any]) -> None:
        """Two entities of a type cannot have one name."""
        if record.group != "entity":
            return
        sql = f'SELECT 1 FROM "{record.table}" WHERE entityid = ? COLLATE NOCASE AND id <> ?'  # noqa: S608
        if self.db.execute(sql, (row["entityid"], row["id"])).fetchone():
            raise user_error("This entity already exists.")
