"""External ids: unique over all record types of a group, whatever the case of their letters."""

import sqlite3

from workflows_app.netsuite.sandbox.errors import user_error
from workflows_app.netsuite.sandbox.fields import RecordType


def claim_external_id(db: sqlite3.Connection, record: RecordType, key: int, external_id: str | None) -> None:
    """Give `external_id` to the record, or take its own away. Raises `RestError` when another one has it."""
    db.execute("DELETE FROM external_id WHERE record_table = ? AND id = ?", (record.table, key))
    if external_id is None:
        return
    place = (record.group, external_id.lower())
    if db.execute("SELECT 1 FROM external_id WHERE family = ? AND folded = ?", place).fetchone():
        raise user_error("This record already exists.", "externalId")
    db.execute("INSERT INTO external_id VALUES (?, ?, ?, ?)", (*place, record.table, key))
