"""Fills an empty sandbox from rows that have the shape of the mirror's tables, with the same internal ids.

So the demo's mirror and its NetSuite start out equal. Nothing of a form's rules runs here: the rows are what they are.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from workflows_app.netsuite.sandbox.catalog import STATUSES, TRANSACTIONS
from workflows_app.netsuite.sandbox.store import Row, Store, reserve_ids

Tables = Mapping[str, Iterable[Mapping[str, Any]]]
_PAYING = ("CustPymt", "CustCred")
_MAIN_LINES_FROM = 900_000_000  # keys of the lines that only NetSuite has


class NotEmptyError(Exception):
    """There are customers in the file already; nothing was changed."""


def is_empty(store: Store) -> bool:
    """Whether there is no customer yet."""
    with store.reading() as db:
        return db.execute("SELECT 1 FROM customer LIMIT 1").fetchone() is None


def fill(store: Store, tables: Tables, moment: datetime) -> dict[str, int]:
    """Write the mirror's tables as NetSuite records, in one transaction; rows per stored table.

    `moment` (aware) is the last change of whatever brings none of its own. Raises `NotEmptyError`.
    """
    if not is_empty(store):
        raise NotEmptyError
    filling = _Filling(store, tables, moment)
    with store.writing() as db:
        counts: Counter[str] = Counter()
        for table, rows in filling.rows():
            counts[table] += _insert_all(db, table, rows)
        for sequence, table, column in _SEQUENCES:
            last = db.execute(f'SELECT max("{column}") FROM "{table}"').fetchone()[0]  # noqa: S608
            reserve_ids(db, sequence, last or 0)
    return counts


_SEQUENCES = (
    ("entity", "customer", "id"), ("entity", "vendor", "id"), ("entity", "employee", "id"), ("item", "item", "id"),
    ("term", "term", "id"), ("transaction", "transaction", "id"), ("transactionline", "transactionline", "uniquekey"),
    ("pricelevel", "pricelevel", "id"), ("addressbook", "addressbook", "internalid"),
)  # fmt: skip


def _insert_all(db: sqlite3.Connection, table: str, rows: Iterable[Row]) -> int:
    """Insert rows that all have the columns of the first."""
    batch = list(rows)
    if batch:
        columns = ", ".join(f'"{name}"' for name in batch[0])
        marks = ", ".join(f":{name}" for name in batch[0])
        db.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', batch)  # noqa: S608
    return len(batch)


class _Filling:
    """Turns rows of the mirror into rows of the sandbox."""

    def __init__(self, store: Store, tables: Tables, moment: datetime) -> None:
        self._store = store
        self._tables = tables
        self._moment = moment
        self._items = {row["item_code"]: int(row["ns_id"]) for row in self._of("spec_items") if row["ns_id"]}
        self._levels = {row["tier"]: number for number, row in enumerate(self._of("pricing_tiers"), start=2)}
        self._kinds = {row["id"]: row["type"] for row in self._of("transactions")}

    def _of(self, table: str) -> Iterable[Mapping[str, Any]]:
        return self._tables.get(table, ())

    def rows(self) -> Iterable[tuple[str, Iterable[Row]]]:
        """Every stored table with its rows."""
        customers = [row for row in self._of("customers") if row["ns_id"]]
        yield "pricelevel", ({"id": n, "name": tier, "isinactive": "F"} for tier, n in self._levels.items())
        yield "term", map(self._term, self._of("payment_terms"))
        yield "employee", map(self._employee, self._of("sales_reps"))
        yield "vendor", map(self._vendor, self._of("vendors"))
        yield "item", map(self._item, self._of("spec_items"))
        yield "itemprice", map(self._price, self._of("spec_items"))
        yield "itemvendor", self._item_vendors()
        yield "customer", map(self._customer, customers)
        yield "addressbook", self._addresses(customers)
        yield "transaction", self._transactions()
        yield "transactionline", map(self._line, self._of("transaction_lines"))
        yield "transactionline", self._main_lines()
        yield "transactionlink", (self._link(row) for row in self._of("customer_payments") if row["transaction_id"])

    def _stamps(self, moment: datetime | None) -> Row:
        return self._store.stamps((moment or self._moment).astimezone(UTC), new=True)

    def _term(self, row: Mapping[str, Any]) -> Row:
        return {"id": int(row["ns_id"]), "name": row["name"], "daysuntilnetdue": row["days"], "isinactive": "F"}

    def _employee(self, row: Mapping[str, Any]) -> Row:
        first, _, last = row["name"].rpartition(" ")
        return {"id": int(row["ns_id"]), "entityid": row["name"], "firstname": first or last, "lastname": last,
                "email": row["email"], "issalesrep": "T", "isinactive": "F", **self._stamps(None)}  # fmt: skip

    def _vendor(self, row: Mapping[str, Any]) -> Row:
        return {"id": int(row["ns_id"]), "entityid": row["name"], "companyname": row["name"], "email": row["email"],
                "phone": row["phone"], "isperson": "F", "isinactive": "F", **self._stamps(None)}  # fmt: skip

    def _item(self, row: Mapping[str, Any]) -> Row:
        return {"id": int(row["ns_id"]), "itemid": row["item_code"], "displayname": row["description"],
                "description": row["description"], "custitem_pack_size": row["pack_size"], "itemtype": "InvtPart",
                "custitem_replaced_by": row["replaced_by"], "isinactive": "F" if row["active"] else "T",
                **self._stamps(None)}  # fmt: skip

    def _price(self, row: Mapping[str, Any]) -> Row:
        return {"item": int(row["ns_id"]), "pricelevel": 1, "price": _number(row["list_price"])}

    def _item_vendors(self) -> Iterable[Row]:
        costs = {(row["item_code"], row["vendor_id"]): row for row in sorted(self._of("item_costs"), key=_effective)}
        for row in self._of("spec_items"):
            cost = costs.get((row["item_code"], row["vendor_id"]))
            if row["vendor_id"]:
                yield {"item": int(row["ns_id"]), "vendor": int(row["vendor_id"]), "preferredvendor": "T",
                       "purchaseprice": _number(cost["cost"]) if cost else None}  # fmt: skip

    def _customer(self, row: Mapping[str, Any]) -> Row:
        key = int(row["ns_id"])
        external = row["id"] if row["id"] != row["ns_id"] else None
        return {"id": key, "externalid": external, "entityid": f"C{key}", "companyname": row["companyname"],
                "email": row["email"], "phone": row["phone"], "isperson": "F", "isinactive": "F", "subsidiary": 1,
                "currency": 1, "terms": _key(row["terms_id"]), "pricelevel": self._levels.get(row["pricing_tier"], 1),
                "salesrep": _key(row["sales_rep"]), "creditlimit": _number(row["credit_limit"]),
                "creditholdoverride": "AUTO", "datecreated": self._store.local(row["created_at"]),
                "defaultbillingaddress": 2 * key if row["billing_address"] else None,
                "defaultshippingaddress": 2 * key + 1 if row["shipping_address"] else None,
                **self._stamps(row["lastmodifieddate"])}  # fmt: skip

    def _addresses(self, customers: Iterable[Mapping[str, Any]]) -> Iterable[Row]:
        for row in customers:
            places = ((row["billing_address"], "Billing", 0), (row["shipping_address"], "Shipping", 1))
            for text, label, number in places:
                if text:
                    yield {"internalid": 2 * int(row["ns_id"]) + number, "entity": int(row["ns_id"]), "label": label,
                           "defaultbilling": "FT"[number == 0], "defaultshipping": "FT"[number == 1],
                           "isresidential": "F", "override": "T", "addrtext": text}  # fmt: skip

    def _transactions(self) -> Iterable[Row]:
        used = self._used()
        for row in self._of("transactions"):
            kind, total = row["type"], _number(row["foreigntotal"]) or 0.0
            unpaid = _number(row["foreignamountunpaid"]) or 0.0
            owed, paying = kind in ("CustInvc", "VendBill"), kind in _PAYING
            applied = used.get(row["id"], 0.0)
            yield {"id": int(row["id"]), "type": kind, "recordtype": TRANSACTIONS[kind].name.lower(),
                   "tranid": row["tranid"], "entity": _key(row["customer_id"] or row["vendor_id"]),
                   "trandate": _day(row["trandate"]), "duedate": _day(row["duedate"]), "foreigntotal": total,
                   "foreignamountunpaid": unpaid if owed else None,
                   "foreignamountpaid": round(total - unpaid, 2) if owed else None,
                   "foreignpaymentamountused": applied if paying else None,
                   "foreignpaymentamountunused": round(total - applied, 2) if paying else None,
                   "status": _code(kind, row["status"]), "subsidiary": 1, "currency": 1,
                   "createddate": _day(row["trandate"]), **self._stamps(row["lastmodifieddate"])}  # fmt: skip

    def _used(self) -> dict[str, float]:
        used: dict[str, float] = {}
        for row in self._of("customer_payments"):
            if row["transaction_id"]:
                payment = str(row["id"])[:-2]
                used[payment] = round(used.get(payment, 0.0) + float(row["amount"]), 2)
        return used

    def _line(self, row: Mapping[str, Any]) -> Row:
        sign = TRANSACTIONS[self._kinds[row["transaction_id"]]].sign
        amount = float(row["amount"]) * sign
        return {"uniquekey": int(row["id"]), "transaction": int(row["transaction_id"]), "id": row["line"],
                "linesequencenumber": row["line"], "item": self._items.get(row["item_code"]),
                "memo": row["description"], "quantity": float(row["quantity"]) * sign, "rate": float(row["rate"]),
                "foreignamount": amount, "netamount": amount, "itemtype": "InvtPart", "isclosed": "F"}  # fmt: skip

    def _main_lines(self) -> Iterable[Row]:
        for number, row in enumerate(self._of("transactions"), start=_MAIN_LINES_FROM):
            sign = -1 if row["type"] in ("VendBill", *_PAYING) else 1
            amount = (_number(row["foreigntotal"]) or 0.0) * sign
            yield {"uniquekey": number, "transaction": int(row["id"]), "id": 0, "linesequencenumber": 0,
                   "mainline": "T", "entity": _key(row["customer_id"] or row["vendor_id"]), "foreignamount": amount,
                   "netamount": amount, "isclosed": "F"}  # fmt: skip

    def _link(self, row: Mapping[str, Any]) -> Row:
        """A payment row of the mirror is called after its payment and a running number of two digits."""
        key = str(row["id"])
        return {"previousdoc": int(row["transaction_id"]), "previoustype": self._kinds[row["transaction_id"]],
                "nextdoc": int(key[:-2]), "nextline": int(key[-2:]), "nexttype": "CustPymt", "linktype": "Payment",
                "foreignamount": float(row["amount"]), "apply": "T", "previousline": 0}  # fmt: skip


def _effective(row: Mapping[str, Any]) -> date:
    day: date = row["effective_date"]
    return day


def _code(kind: str, label: str) -> str:
    """The status code of a label; a payment that is not applied is a deposited one with money left."""
    codes = {name: code for code, name in STATUSES[kind].items()}
    return codes.get(label, "C" if kind == "CustPymt" else "A")


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _key(value: str | None) -> int | None:
    return int(value) if value else None


def _day(value: date | None) -> str | None:
    return f"{value:%Y-%m-%d} 00:00:00" if value else None
