"""What SuiteQL may name: tables, their columns, and what BUILTIN.DF shows for a column."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows_app.netsuite.sandbox.catalog import NAME_COLUMNS, RECORD_TYPES
from workflows_app.netsuite.sandbox.fields import Field, Kind, Sublist

_STORED_TYPES = {Kind.NUMBER: "number", Kind.WHOLE: "number", Kind.REFERENCE: "number", Kind.DATE: "date"}
_MODIFIED: Mapping[str, str] = {"id": "number", "lastmodifieddate": "date"}
_LINK = {
    "previousdoc": "number", "previousline": "number", "previoustype": "text", "nextdoc": "number",
    "nextline": "number", "nexttype": "text", "linktype": "text", "foreignamount": "number",
}  # fmt: skip
_MORE: Mapping[str, Mapping[str, str]] = {
    "customer": {"datecreated": "date", "defaultbillingaddress": "number", "defaultshippingaddress": "number"},
    "vendor": {"datecreated": "date"},
    "employee": {"datecreated": "date"},
    "item": {"createddate": "date", "itemtype": "text"},
    "transaction": {"createddate": "date", "type": "text", "recordtype": "text", "daysoverduesearch": "number"},
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as queries see it: the stored one behind it, its columns with their types, and references."""

    stored: str
    columns: Mapping[str, str]
    references: Mapping[str, str]


def _of_records(table: str) -> Table:
    records = [record for record in RECORD_TYPES.values() if record.table == table]
    fields = {field.stored: field for record in records for field in record.fields if field.queryable}
    columns = {name: _type(field) for name, field in fields.items()}
    references = {name: field.target for name, field in fields.items() if field.kind is Kind.REFERENCE}
    if table == "customer":
        references |= dict.fromkeys(("defaultbillingaddress", "defaultshippingaddress"), "addressbook")
    dated = _MODIFIED if table in _MORE else {"id": "number"}
    return Table(stored=table, columns={**dated, **columns, **_MORE.get(table, {})}, references=references)


def _of_lines(sublist: Sublist, more: Mapping[str, str]) -> Table:
    columns = {field.stored: _type(field) for field in sublist.fields}
    references = {field.stored: field.target for field in sublist.fields if field.kind is Kind.REFERENCE}
    return Table(stored=sublist.table, columns={**columns, **more}, references=references)


def _type(field: Field) -> str:
    return _STORED_TYPES.get(field.kind, "text")


def _address(columns: Mapping[str, str]) -> Table:
    return Table(stored="addressbook", columns=columns, references={"entity": "customer"})


def _all() -> dict[str, Table]:
    tables = {record.table: _of_records(record.table) for record in RECORD_TYPES.values()}
    items = RECORD_TYPES["inventoryItem"].sublist
    lines = RECORD_TYPES["invoice"].sublist["item"]
    tables["transactionline"] = _of_lines(
        lines,
        {"transaction": "number", "uniquekey": "number", "linesequencenumber": "number", "mainline": "text",
         "taxline": "text", "iscogs": "text", "itemtype": "text", "entity": "number",
         "netamount": "number"},
    )  # fmt: skip
    link = Table(stored="transactionlink", columns=_LINK, references=dict.fromkeys(("previousdoc", "nextdoc"),
                 "transaction"))  # fmt: skip
    for name in ("nexttransactionlinelink", "previoustransactionlinelink"):
        tables[name] = link
    tables["itemprice"] = _of_lines(items["price"], {"item": "number", "pricelevelname": "text"})
    tables["itemvendor"] = _of_lines(items["itemVendor"], {"item": "number"})
    tables["customeraddressbook"] = _address(
        {"entity": "number", "internalid": "number", "addressbookaddress": "number", "label": "text",
         "defaultbilling": "text", "defaultshipping": "text"}
    )  # fmt: skip
    parts = ("addressee", "attention", "addr1", "addr2", "addr3", "city", "state", "zip", "country", "addrphone",
             "addrtext", "override")  # fmt: skip
    tables["customeraddressbookentityaddress"] = _address({"nkey": "number"} | dict.fromkeys(parts, "text"))
    tables["entityaddress"] = tables["customeraddressbookentityaddress"]
    tables["deletedrecord"] = Table(
        stored="deletedrecord",
        columns={"recordid": "number", "recordtypeid": "number", "type": "text", "name": "text", "context": "text",
                 "deleteddate": "date", "iscustomrecord": "text"},
        references={},
    )  # fmt: skip
    tables["transactionstatus"] = Table(
        stored="transactionstatus", columns=dict.fromkeys(("id", "trantype", "name", "fullname"), "text"), references={}
    )
    tables["dual"] = Table(stored="dual", columns={"dummy": "text"}, references={})
    return tables


TABLES: Mapping[str, Table] = _all()
# Columns that are worked out: SQL with {t} for the table's alias.
COMPUTED = {
    ("itemprice", "pricelevelname"): "(SELECT p.name FROM pricelevel AS p WHERE p.id = {t}.pricelevel)",
    ("transaction", "daysoverduesearch"): (
        "CASE WHEN {t}.foreignamountunpaid > 0 THEN MAX(0, ns_days({t}.duedate)) ELSE 0 END"
    ),
}


def shown(table: str, column: str, alias: str) -> str:
    """SQL of what BUILTIN.DF(alias.column) shows."""
    own = f'"{alias}"."{column}"'
    if (table, column) == ("transaction", "status"):
        return f'(SELECT s.fullname FROM transactionstatus AS s WHERE s.trantype = "{alias}".type AND s.id = {own})'  # noqa: S608
    if (table, column) == ("transaction", "type"):
        return f"(SELECT s.name FROM transactiontype AS s WHERE s.id = {own})"  # noqa: S608
    if column == "entity" and table in ("transaction", "transactionline"):
        names = (f"SELECT id, {NAME_COLUMNS[kind]} AS name FROM {kind}" for kind in ("customer", "vendor"))  # noqa: S608
        return f"(SELECT e.name FROM ({' UNION ALL '.join(names)}) AS e WHERE e.id = {own})"  # noqa: S608
    target = TABLES[table].references.get(column)
    if target is None:
        return own
    name = NAME_COLUMNS.get(target, "name")
    key = "internalid" if target == "addressbook" else "id"
    return f'(SELECT {name} FROM "{target}" AS df WHERE df."{key}" = {own})'  # noqa: S608
