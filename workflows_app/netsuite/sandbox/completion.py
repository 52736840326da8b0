"""What a form fills in by itself, and what it will not do without."""

import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from workflows_app.netsuite.sandbox.errors import user_error
from workflows_app.netsuite.sandbox.fields import Kind, RecordType
from workflows_app.netsuite.sandbox.settings import SandboxSettings
from workflows_app.netsuite.sandbox.store import Row

_FIRST_STATUS = {"CustInvc": "A", "Estimate": "A", "SalesOrd": "B", "CustPymt": "B", "CustCred": "A", "VendBill": "A"}


def complete(db: sqlite3.Connection, record: RecordType, row: Row, *, today: str, settings: SandboxSettings) -> None:
    """Fill in defaults, then raise `RestError` for mandatory properties that are empty. Changes `row`."""
    for found in record.fields:
        if found.kind is Kind.FLAG and row.get(found.stored) is None:
            row[found.stored] = "F"
    if record.group == "entity":
        _complete_entity(record, row, settings)
    if record.group == "transaction":
        _complete_transaction(db, record, row, today)
    missing = [record.by_name[name].label for name in _mandatory(record, row) if row.get(record.by_name[name].stored)
               in (None, "")]  # fmt: skip
    if missing:
        raise user_error(f"Please enter value(s) for: {', '.join(missing)}.")


def name_of(record: RecordType, row: Mapping[str, Any]) -> str | None:
    """What people call the record."""
    columns = ("companyname", "entityid", "tranid", "itemid", "name")
    return next((row[column] for column in columns if row.get(column)), None)


def _mandatory(record: RecordType, row: Row) -> tuple[str, ...]:
    if record.table in ("customer", "vendor"):
        return ("firstName", "lastName") if row.get("isperson") == "T" else ("companyName",)
    return record.required


def _complete_entity(record: RecordType, row: Row, settings: SandboxSettings) -> None:
    person = f"{row.get('firstname') or ''} {row.get('lastname') or ''}".strip()
    if not row.get("entityid"):
        own_name = row.get("companyname") or person
        numbered = settings.auto_numbering and record.name == "customer"
        row["entityid"] = f"{record.number_prefix}{row['id']}" if numbered else own_name
    if record.name == "customer":
        for column in ("subsidiary", "currency", "pricelevel"):
            row[column] = row.get(column) or 1
        row["creditholdoverride"] = row.get("creditholdoverride") or "AUTO"


def _complete_transaction(db: sqlite3.Connection, record: RecordType, row: Row, today: str) -> None:
    row["recordtype"] = record.name.lower()
    row["tranid"] = row.get("tranid") or f"{record.number_prefix}{row['id']}"
    row["trandate"] = row.get("trandate") or f"{today} 00:00:00"
    row["status"] = row.get("status") or _FIRST_STATUS[row["type"]]
    for column in ("subsidiary", "currency"):
        row[column] = row.get(column) or 1
    if row["type"] in ("CustInvc", "VendBill"):
        row["terms"] = row.get("terms") or _terms_of(db, row)
        row["duedate"] = row.get("duedate") or _due(db, row)


def _terms_of(db: sqlite3.Connection, row: Row) -> int | None:
    table = "vendor" if row["type"] == "VendBill" else "customer"
    found = db.execute(f"SELECT terms FROM {table} WHERE id = ?", (row.get("entity"),)).fetchone()  # noqa: S608
    return found[0] if found else None


def _due(db: sqlite3.Connection, row: Row) -> str:
    found = db.execute("SELECT daysuntilnetdue FROM term WHERE id = ?", (row["terms"],)).fetchone()
    due = date.fromisoformat(row["trandate"][:10]) + timedelta(days=found[0] or 0 if found else 0)
    return f"{due} 00:00:00"
