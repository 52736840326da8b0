"""`transactions` ← invoices, payments, orders, estimates and bills. Every column is NetSuite's.

`status` is the label without the type ("Invoice : Open" is `Open`). Totals of payments and bills are negative in some
places of NetSuite; the mirror has sizes. Another type's record (a credit memo, a journal) is not mirrored.
"""

from workflows_app.models import Customer, CustomerPayment, Transaction, TransactionLine, Vendor
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Make, Reading, Record, day, filled_text, moment, our_id, size

TYPES = ("CustInvc", "CustPymt", "SalesOrd", "Estimate", "VendBill")
RECEIVABLES = ("CustInvc", "CustPymt")


def of_types(types: tuple[str, ...]) -> str:
    """The condition that a transaction is of one of these types."""
    return "t.type IN ({})".format(", ".join(f"'{one}'" for one in types))


def _status(record: Record, reading: Reading) -> str:
    return record.get("status", "").rpartition(" : ")[2]


def _customer(record: Record, reading: Reading) -> str | None:
    return None if record["type"] == "VendBill" else our_id(record.get("entity"), Customer, reading)


def _vendor(record: Record, reading: Reading) -> str | None:
    return our_id(record.get("entity"), Vendor, reading) if record["type"] == "VendBill" else None


def _type(record: Record, reading: Reading) -> str:
    return record["type"]


COLUMNS: dict[str, Make] = {
    "type": _type,
    "tranid": filled_text("tranid", "id"),
    "customer_id": _customer,
    "vendor_id": _vendor,
    "trandate": day("trandate"),
    "duedate": day("duedate"),
    "foreigntotal": size("foreigntotal"),
    "foreignamountunpaid": size("foreignamountunpaid"),
    "status": _status,
    "lastmodifieddate": moment("lm"),
}
TRANSACTIONS = Mirror(
    model=Transaction,
    base="transaction t",
    where=of_types(TYPES),
    select=(
        "t.externalid, t.type, t.tranid, t.entity, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS trandate, "
        "TO_CHAR(t.duedate, 'YYYY-MM-DD') AS duedate, t.foreigntotal, t.foreignamountunpaid, "
        "t.foreignpaymentamountunused, BUILTIN.DF(t.status) AS status"
    ),
    references=(("entity", Customer), ("entity", Vendor)),
    columns=COLUMNS,
    parts=((TransactionLine, "transaction_id"), (CustomerPayment, "payment_id")),
)
