"""How lines of a request meet the lines that are there.

A line whose key is there already changes that line; any other line is *added*. Only `replace` starts afresh. A request
that is sent again without keys and without `replace` therefore doubles its lines, as it does in NetSuite.
"""

import sqlite3
from typing import Any

from workflows_app.netsuite.sandbox.errors import user_error
from workflows_app.netsuite.sandbox.fields import Kind, RecordType, Sublist
from workflows_app.netsuite.sandbox.outgoing import line_rows
from workflows_app.netsuite.sandbox.store import Row, insert, next_id, rows


def write_lines(
    db: sqlite3.Connection, record: RecordType, sublist: Sublist, key: int, given: list[Row], *, replace: bool
) -> None:
    """Merge, add or replace the lines of the record `key`."""
    lines = [] if replace else line_rows(db, sublist, key)
    for number, line in enumerate(given):
        _merge(db, record, sublist, lines, line, f"{sublist.name}.items[{number}]")
    own = " AND mainline = 'F'" if sublist.table == "transactionline" else ""
    db.execute(f'DELETE FROM "{sublist.table}" WHERE "{sublist.parent}" = ?{own}', (key,))  # noqa: S608
    for line in lines:
        _insert(db, sublist, line | {sublist.parent: key})
    if sublist.table == "addressbook":
        _set_default_addresses(db, key)


def _merge(
    db: sqlite3.Connection, record: RecordType, sublist: Sublist, lines: list[Row], line: Row, path: str
) -> None:
    column = sublist.key_column
    there = next((old for old in lines if line.get(column) is not None and old[column] == line[column]), None)
    merged = (there or _new_line(sublist, lines)) | {n: v for n, v in line.items() if n != column or v is not None}
    if sublist.table == "transactionline":
        _price(db, record, merged, line, path)
    if sublist.table == "addressbook":
        _address(merged, line, lines)
    if there is None:
        lines.append(merged)
    else:
        there.update(merged)


def _new_line(sublist: Sublist, lines: list[Row]) -> Row:
    empty: Row = {field.stored: "F" if field.kind is Kind.FLAG else None for field in sublist.fields}
    number = {"transactionline": "id", "transactionlink": "nextline"}.get(sublist.table)
    if number:
        empty[number] = max((line[number] for line in lines), default=0) + 1
    return empty


def _insert(db: sqlite3.Connection, sublist: Sublist, line: Row) -> None:
    generated = ("addressbookaddress", "nkey")
    row = {name: value for name, value in line.items() if name not in generated}
    if sublist.unique and row.get(sublist.unique) is None:
        row[sublist.unique] = next_id(db, sublist.table, first=1000)
    insert(db, sublist.table, row)


def _price(db: sqlite3.Connection, record: RecordType, line: Row, given: Row, path: str) -> None:
    """Quantity, rate and amount of a line; the item's base price when the request names none."""
    if line.get("item") is None:
        raise user_error("Please enter value(s) for: Item.", f"{path}.item")
    quantity = given["quantity"] if given.get("quantity") is not None else abs(line.get("quantity") or 1)
    if line.get("rate") is None:
        line["rate"] = _base_price(db, line["item"])
    amount = given.get("foreignamount")
    amount = round(quantity * line["rate"], 2) if amount is None else amount
    signed = {"quantity": quantity * record.sign, "foreignamount": amount * record.sign}
    line |= signed | {"netamount": signed["foreignamount"], "linesequencenumber": line["id"], "mainline": "F",
                      "taxline": "F", "itemtype": "InvtPart"}  # fmt: skip


def _base_price(db: sqlite3.Connection, item: int) -> float:
    found = db.execute("SELECT price FROM itemprice WHERE item = ? AND pricelevel = 1", (item,)).fetchone()
    return float(found[0] or 0) if found else 0.0


def _address(line: Row, given: Row, others: list[Row]) -> None:
    """The text of an address follows from its parts unless it is overridden; one default of each kind."""
    if line.get("override") != "T":
        line["addrtext"] = _addr_text(line)
    for column in ("defaultbilling", "defaultshipping"):
        if given.get(column) == "T":
            for other in others:
                other[column] = "F"


def _addr_text(line: Row) -> str | None:
    town = " ".join(part for part in (line.get("city"), line.get("state"), line.get("zip")) if part)
    parts: list[Any] = [line.get(name) for name in ("attention", "addressee", "addr1", "addr2", "addr3")]
    return "\n".join(part for part in (*parts, town, line.get("country")) if part) or None


def _set_default_addresses(db: sqlite3.Connection, customer: int) -> None:
    for column, default in (("defaultbillingaddress", "defaultbilling"), ("defaultshippingaddress", "defaultshipping")):
        found = rows(db, f"SELECT internalid FROM addressbook WHERE entity = ? AND {default} = 'T'", customer)  # noqa: S608
        address = found[0]["internalid"] if found else None
        db.execute(f"UPDATE customer SET {column} = ? WHERE id = ?", (address, customer))  # noqa: S608
