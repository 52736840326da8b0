"""Totals of a transaction, and what follows from payments that are applied to it."""

import sqlite3
from typing import Any

from workflows_app.netsuite.sandbox.errors import user_error
from workflows_app.netsuite.sandbox.store import Row, next_id, rows, update

_PAID = "SELECT COALESCE(SUM(foreignamount), 0) FROM transactionlink WHERE previousdoc = ? AND linktype = 'Payment'"
_USED = "SELECT COALESCE(SUM(foreignamount), 0) FROM transactionlink WHERE nextdoc = ? AND linktype = 'Payment'"
_LINES = "SELECT COALESCE(SUM(foreignamount), 0) FROM transactionline WHERE \"transaction\" = ? AND mainline = 'F'"
_TYPES = """
    UPDATE transactionlink SET nexttype = ?, linktype = 'Payment', previousline = 0,
        previoustype = (SELECT type FROM "transaction" WHERE id = previousdoc) WHERE nextdoc = ?
"""
_OWED = ("CustInvc", "VendBill")
_PAYING = ("CustPymt", "CustCred")
_NO_LINES_NEEDED = ("CustPymt",)


def settled_by(db: sqlite3.Connection, key: int) -> set[int]:
    """The transactions that the payment or credit `key` is applied to."""
    return {row[0] for row in db.execute("SELECT previousdoc FROM transactionlink WHERE nextdoc = ?", (key,))}


def settle(db: sqlite3.Connection, key: int, stamps: Row) -> None:
    """Work out totals, what is paid and the status of one transaction; a change of these is a modification."""
    found = rows(db, 'SELECT * FROM "transaction" WHERE id = ?', key)
    if not found:
        return
    row = found[0]
    changes = _total(db, row)
    total = changes["foreigntotal"]
    if row["type"] in _OWED:
        changes |= _owed(row, total, _sum(db, _PAID, key))
    if row["type"] in _PAYING:
        db.execute(_TYPES, (row["type"], key))
        changes |= _used(row, total, _sum(db, _USED, key))
    changed = {name: value for name, value in changes.items() if value != row[name]}
    if changed:
        update(db, "transaction", key, changed | stamps)
    _main_line(db, row, total)


def _total(db: sqlite3.Connection, row: Row) -> Row:
    if row["type"] == "CustPymt":
        applied = _sum(db, _USED, row["id"])
        return {"foreigntotal": applied if row["foreigntotal"] is None else row["foreigntotal"]}
    counted = db.execute("SELECT count(*) FROM transactionline WHERE \"transaction\" = ? AND mainline = 'F'",
                         (row["id"],)).fetchone()[0]  # fmt: skip
    if not counted:
        raise user_error("You must enter at least one line item for this transaction.")
    return {"foreigntotal": round(abs(_sum(db, _LINES, row["id"])), 2)}


def _owed(row: Row, total: float, paid: float) -> Row:
    if paid > total + 0.005:
        raise user_error("The amount applied cannot exceed the amount due.", "apply")
    rest = round(total - paid, 2)
    return {"foreignamountpaid": paid, "foreignamountunpaid": rest, "status": "A" if rest or not total else "B"}


def _used(row: Row, total: float, used: float) -> Row:
    if used > total + 0.005:
        raise user_error("The amount applied cannot exceed the payment.", "apply")
    rest = round(total - used, 2)
    status = row["status"] if row["type"] == "CustPymt" else ("A" if rest else "B")
    return {"foreignpaymentamountused": used, "foreignpaymentamountunused": rest, "status": status}


def _sum(db: sqlite3.Connection, sql: str, key: int) -> float:
    return round(float(db.execute(sql, (key,)).fetchone()[0]), 2)


def _main_line(db: sqlite3.Connection, row: Row, total: float) -> None:
    """Line 0 carries the total; its sign is opposite to that of the other lines."""
    amount = -total if row["type"] in ("VendBill", "CustPymt", "CustCred") else total
    changed = db.execute(
        "UPDATE transactionline SET foreignamount = ?, netamount = ?, entity = ? "
        "WHERE \"transaction\" = ? AND mainline = 'T'",
        (amount, amount, row["entity"], row["id"]),
    )
    if not changed.rowcount:
        values: tuple[Any, ...] = (
            next_id(db, "transactionline", first=1000), row["id"], row["entity"], amount, amount
        )  # fmt: skip
        db.execute(
            'INSERT INTO transactionline (uniquekey, "transaction", id, linesequencenumber, mainline, taxline, entity, '
            "foreignamount, netamount, isclosed) VALUES (?, ?, 0, 0, 'T', 'F', ?, ?, ?, 'F')",
            values,
        )
