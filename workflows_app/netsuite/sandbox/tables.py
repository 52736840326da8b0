"""The tables of the sandbox's file, made from the catalog; SuiteQL reads the same ones."""

from collections.abc import Iterable, Iterator

from workflows_app.netsuite.sandbox.catalog import ADDRESS_BOOK, APPLY, LINES, PRICES, RECORD_TYPES, VENDORS
from workflows_app.netsuite.sandbox.fields import Field, Kind, Sublist

_TYPES = {Kind.NUMBER: "REAL", Kind.WHOLE: "INTEGER", Kind.REFERENCE: "INTEGER"}
_STAMPS = {"lastmodifieddate": "TEXT", "lastmodified_utc": "TEXT", "created_utc": "TEXT"}
# Columns beside the properties of the record types.
_EXTRA = {
    "customer": {"datecreated": "TEXT", "defaultbillingaddress": "INTEGER", "defaultshippingaddress": "INTEGER"},
    "vendor": {"datecreated": "TEXT"},
    "employee": {"datecreated": "TEXT"},
    "item": {"createddate": "TEXT", "itemtype": "TEXT"},
    "transaction": {"createddate": "TEXT", "type": "TEXT", "recordtype": "TEXT"},
}
_SUBLISTS: dict[str, tuple[Sublist, dict[str, str]]] = {
    "transactionline": (
        LINES,
        {
            "uniquekey": "INTEGER PRIMARY KEY",
            "transaction": "INTEGER",
            "linesequencenumber": "INTEGER",
            "mainline": "TEXT DEFAULT 'F'",
            "taxline": "TEXT DEFAULT 'F'",
            "iscogs": "TEXT DEFAULT 'F'",
            "itemtype": "TEXT",
            "entity": "INTEGER",
            "netamount": "REAL",
        },
    ),
    "transactionlink": (
        APPLY,
        {
            "nextdoc": "INTEGER",
            "previousline": "INTEGER DEFAULT 0",
            "previoustype": "TEXT",
            "nexttype": "TEXT",
            "linktype": "TEXT DEFAULT 'Payment'",
        },
    ),
    "addressbook": (
        ADDRESS_BOOK,
        {
            "internalid": "INTEGER PRIMARY KEY",
            "entity": "INTEGER",
            "addressbookaddress": "INTEGER GENERATED ALWAYS AS (internalid)",
            "nkey": "INTEGER GENERATED ALWAYS AS (internalid)",
        },
    ),
    "itemprice": (PRICES, {"item": "INTEGER"}),
    "itemvendor": (VENDORS, {"item": "INTEGER"}),
}
_OTHER = (
    "CREATE TABLE IF NOT EXISTS sequence (name TEXT PRIMARY KEY, last INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS external_id (family TEXT, folded TEXT, record_table TEXT, id INTEGER, "
    "PRIMARY KEY (family, folded))",
    "CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, expires INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, stamp INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS deletedrecord (recordid INTEGER, recordtypeid INTEGER, type TEXT, name TEXT, "
    "deleteddate TEXT, context TEXT, iscustomrecord TEXT)",
    "CREATE TABLE IF NOT EXISTS transactionstatus (id TEXT, trantype TEXT, name TEXT, fullname TEXT, "
    "PRIMARY KEY (trantype, id))",
    "CREATE TABLE IF NOT EXISTS transactiontype (id TEXT PRIMARY KEY, name TEXT)",
    "CREATE TABLE IF NOT EXISTS dual (dummy TEXT PRIMARY KEY)",
    "INSERT OR IGNORE INTO dual VALUES ('X')",
)
_INDEXES = {
    "customer": ("lastmodifieddate", "entityid COLLATE NOCASE"),
    "vendor": ("lastmodifieddate",),
    "item": ("lastmodifieddate",),
    "transaction": ("lastmodifieddate", "type, id", "entity", "foreignamountunpaid"),
    "transactionline": ("\"transaction\", id", "item"),
    "transactionlink": ("nextdoc", "previousdoc"),
    "addressbook": ("entity",),
    "itemprice": ("item",),
    "itemvendor": ("item",),
    "deletedrecord": ("deleteddate",),
}  # fmt: skip


def statements() -> Iterator[str]:
    """Everything an empty file needs; harmless on a full one."""
    tables: dict[str, dict[str, str]] = {}
    for record in RECORD_TYPES.values():
        own = tables.setdefault(record.table, {"id": "INTEGER PRIMARY KEY"} | _STAMPS | _EXTRA.get(record.table, {}))
        own.update(_columns(record.fields))
    for name, (sublist, extra) in _SUBLISTS.items():
        tables[name] = extra | {c: t for c, t in _columns(sublist.fields).items() if c not in extra}
    for name, columns in tables.items():
        body = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
        yield f'CREATE TABLE IF NOT EXISTS "{name}" ({body})'
    yield from _OTHER
    for name, indexes in _INDEXES.items():
        for number, columns_text in enumerate(indexes):
            yield f'CREATE INDEX IF NOT EXISTS "{name}_{number}" ON "{name}" ({columns_text})'


def _columns(fields: Iterable[Field]) -> dict[str, str]:
    return {field.stored: _TYPES.get(field.kind, "TEXT") for field in fields if not _computed(field)}


def _computed(field: Field) -> bool:
    return field.read_only and not field.queryable
