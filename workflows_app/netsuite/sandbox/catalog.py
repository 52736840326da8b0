"""The record types of the sandbox, and the tables that only SuiteQL sees. Names as in NetSuite's own browser."""

from collections.abc import Mapping

from workflows_app.netsuite.sandbox.fields import (
    Field,
    RecordType,
    Sublist,
    choice,
    day,
    flag,
    number,
    reference,
    text,
    whole,
)

_HOLD = {"AUTO": "Auto", "OFF": "Off", "ON": "On"}

_ADDRESS = (
    whole("internalId"),
    text("label"),
    flag("defaultBilling"),
    flag("defaultShipping"),
    flag("isResidential"),
    *(
        text(f"addressBookAddress.{name}")
        for name in (
            "addressee", "attention", "addr1", "addr2", "addr3", "city", "state", "zip", "country", "addrPhone",
            "addrText",
        )
    ),
    Field(name="addressBookAddress.override", kind=flag("x").kind),
)  # fmt: skip
ADDRESS_BOOK = Sublist(
    name="addressBook",
    table="addressbook",
    parent="entity",
    key="internalId",
    fields=_ADDRESS,
    unique="internalid",
)
LINES = Sublist(
    name="item",
    table="transactionline",
    parent="transaction",
    key="line",
    unique="uniquekey",
    fields=(
        whole("line", "id"),
        reference("item", "item", "Item"),
        number("quantity", signed=True),
        text("units"),
        number("rate"),
        reference("price", "pricelevel", column="pricelevel"),
        number("amount", "foreignamount", signed=True),
        text("description", column="memo"),
        text("taxCode"),
        flag("isClosed"),
    ),
)
APPLY = Sublist(
    name="apply",
    table="transactionlink",
    parent="nextdoc",
    key="doc",
    fields=(
        whole("line", "nextline"),
        reference("doc", "transaction", column="previousdoc"),
        number("amount", "foreignamount"),
        flag("apply"),
    ),
)
PRICES = Sublist(
    name="price",
    table="itemprice",
    parent="item",
    key="priceLevel",
    fields=(reference("priceLevel", "pricelevel"), number("price")),
)
VENDORS = Sublist(
    name="itemVendor",
    table="itemvendor",
    parent="item",
    key="vendor",
    fields=(
        reference("vendor", "vendor", "Vendor"),
        flag("preferredVendor"),
        number("purchasePrice"),
        text("vendorCode"),
    ),
)

_ENTITY = (
    text("externalId"),
    text("entityId"),
    text("email"),
    text("phone"),
    text("comments"),
    flag("isInactive"),
)
_PERSON = (text("firstName", "First Name"), text("lastName", "Last Name"))
_BALANCES = tuple(
    number(name, read_only=True, queryable=False)
    for name in ("balance", "overdueBalance", "daysOverdue", "aging", "aging1", "aging2", "aging3", "aging4")
)
CUSTOMER = RecordType(
    name="customer",
    table="customer",
    group="entity",
    number_prefix="C",
    fields=(
        *_ENTITY,
        *_PERSON,
        text("companyName", "Company Name"),
        flag("isPerson"),
        reference("subsidiary", "subsidiary"),
        reference("currency", "currency"),
        reference("terms", "term"),
        reference("priceLevel", "pricelevel"),
        reference("salesRep", "employee"),
        reference("parent", "customer"),
        text("altEmail"),
        text("altPhone"),
        text("fax"),
        text("url"),
        number("creditLimit"),
        choice("creditHoldOverride", _HOLD),
        *_BALANCES,
    ),
    sublists=(ADDRESS_BOOK,),
)
VENDOR = RecordType(
    name="vendor",
    table="vendor",
    group="entity",
    number_prefix="V",
    fields=(*_ENTITY, *_PERSON, text("companyName", "Company Name"), flag("isPerson"), reference("terms", "term")),
)
EMPLOYEE = RecordType(
    name="employee",
    table="employee",
    group="entity",
    number_prefix="E",
    fields=(*_ENTITY, *_PERSON, text("title"), flag("isSalesRep")),
    required=("firstName", "lastName"),
)
ITEM = RecordType(
    name="inventoryItem",
    table="item",
    group="item",
    fixed={"itemtype": "InvtPart"},
    fields=(
        text("externalId"),
        text("itemId", "Item Name/Number"),
        text("displayName"),
        text("salesDescription", column="description"),
        text("purchaseDescription"),
        number("cost"),
        flag("isInactive"),
        text("custitem_pack_size"),
        text("custitem_replaced_by"),
    ),
    sublists=(PRICES, VENDORS),
    required=("itemId",),
)
TERM = RecordType(
    name="term",
    table="term",
    group="term",
    fields=(text("externalId"), text("name", "Terms"), whole("daysUntilNetDue"), flag("isInactive")),
    required=("name",),
)


def _list(name: str, table: str) -> RecordType:
    fields = (text("externalId"), text("name", "Name"), flag("isInactive"))
    return RecordType(name=name, table=table, group=table, fields=fields, required=("name",))


_BODY = (
    text("externalId"),
    text("tranId"),
    day("tranDate", "Date"),
    text("memo"),
    reference("subsidiary", "subsidiary"),
    reference("currency", "currency"),
    text("otherRefNum"),
)
_ENTITY_AND_TERMS = (reference("entity", "customer", "Customer"), reference("terms", "term"))
_TOTALS = (number("total", "foreigntotal", read_only=True), number("subtotal", "foreigntotal", read_only=True))
_OPEN = (
    day("dueDate"),
    number("amountPaid", "foreignamountpaid", read_only=True),
    number("amountRemaining", "foreignamountunpaid", read_only=True),
)
_APPLIED = (
    number("applied", "foreignpaymentamountused", read_only=True),
    number("unapplied", "foreignpaymentamountunused", read_only=True),
)
STATUSES: Mapping[str, Mapping[str, str]] = {
    "CustInvc": {"A": "Open", "B": "Paid In Full", "V": "Voided"},
    "Estimate": {"A": "Open", "B": "Processed", "C": "Closed", "V": "Voided", "X": "Expired"},
    "SalesOrd": {"A": "Pending Approval", "B": "Pending Fulfillment", "F": "Pending Billing", "G": "Billed",
                 "H": "Closed", "C": "Cancelled"},
    "CustPymt": {"A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited"},
    "CustCred": {"A": "Open", "B": "Fully Applied"},
    "VendBill": {"A": "Open", "B": "Paid In Full"},
}  # fmt: skip
TYPE_LABELS = {
    "CustInvc": "Invoice",
    "Estimate": "Estimate",
    "SalesOrd": "Sales Order",
    "CustPymt": "Payment",
    "CustCred": "Credit Memo",
    "VendBill": "Bill",
}


def _transaction(
    name: str,
    code: str,
    prefix: str,
    fields: tuple[Field, ...],
    sublists: tuple[Sublist, ...],
    required: str,
    sign: int,
) -> RecordType:
    return RecordType(
        name=name,
        table="transaction",
        group="transaction",
        fixed={"type": code},
        fields=(*_BODY, choice("status", STATUSES[code], read_only=True), *fields),
        sublists=sublists,
        required=(required,),
        sign=sign,
        number_prefix=prefix,
    )


ESTIMATE = _transaction(
    "estimate",
    "Estimate",
    "EST",
    (*_ENTITY_AND_TERMS, *_TOTALS, day("dueDate"), day("expectedCloseDate"), reference("entityStatus", "entitystatus"),
     text("title"), reference("salesRep", "employee", column="employee")),
    (LINES,),
    "entity",
    -1,
)  # fmt: skip
SALES_ORDER = _transaction(
    "salesOrder", "SalesOrd", "SO", (*_ENTITY_AND_TERMS, *_TOTALS, day("shipDate")), (LINES,), "entity", -1
)
INVOICE = _transaction(
    "invoice", "CustInvc", "INV", (*_ENTITY_AND_TERMS, *_TOTALS, *_OPEN), (LINES,), "entity", -1
)  # fmt: skip
CREDIT_MEMO = _transaction(
    "creditMemo", "CustCred", "CM", (*_ENTITY_AND_TERMS, *_TOTALS, *_APPLIED), (LINES, APPLY), "entity", 1
)
CUSTOMER_PAYMENT = _transaction(
    "customerPayment",
    "CustPymt",
    "PYMT",
    (reference("customer", "customer", "Customer", "entity"), number("payment", "foreigntotal"),
     number("total", "foreigntotal", read_only=True), text("checkNum"), *_APPLIED),
    (APPLY,),
    "customer",
    1,
)  # fmt: skip
VENDOR_BILL = _transaction(
    "vendorBill",
    "VendBill",
    "BILL",
    (reference("entity", "vendor", "Vendor"), reference("terms", "term"), *_TOTALS, *_OPEN),
    (LINES,),
    "entity",
    1,
)

RECORD_TYPES: Mapping[str, RecordType] = {
    record.name: record
    for record in (
        CUSTOMER, VENDOR, EMPLOYEE, ITEM, TERM, _list("priceLevel", "pricelevel"), _list("currency", "currency"),
        _list("subsidiary", "subsidiary"), _list("customerStatus", "entitystatus"), ESTIMATE, SALES_ORDER, INVOICE,
        CREDIT_MEMO, CUSTOMER_PAYMENT, VENDOR_BILL,
    )
}  # fmt: skip
TRANSACTIONS = {record.fixed["type"]: record for record in RECORD_TYPES.values() if record.group == "transaction"}
# The table behind a reference, as a REST path: where its link leads.
REST_NAMES = {record.table: record.name for record in RECORD_TYPES.values() if record.group != "transaction"}
# The column that names a row of a table: `refName`, and what BUILTIN.DF shows.
NAME_COLUMNS = {
    "customer": "COALESCE(companyname, firstname || ' ' || lastname, entityid)",
    "vendor": "COALESCE(companyname, firstname || ' ' || lastname, entityid)",
    "employee": "entityid",
    "item": "itemid",
    "transaction": "tranid",
    "addressbook": "addrtext",
}
