"""`customers` ← NetSuite's customers.

NetSuite's: ns_id, companyname, email, phone, both addresses (the default ones of the address book, as printed),
credit_limit, terms_id, sales_rep, lastmodifieddate. Ours: id, entitystatus, pricing_tier, created_at. A customer that
we did not know is `active`, or `closed` when NetSuite has it inactive; `created_at` is NetSuite's.
"""

from typing import Any

from workflows_app.models import Customer, PaymentTerm, SalesRep
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Reading, Record, flag, moment, money, reference, text
from workflows_app.netsuite.sync.zone import ORACLE_FORMAT


def _name(record: Record, reading: Reading) -> str:
    """A company's name; a person's; else the number."""
    person = " ".join(filter(None, (record.get("firstname"), record.get("lastname"))))
    return record.get("companyname") or person or record.get("entityid") or f"customer {record['id']}"


def _born(record: Record, reading: Reading) -> dict[str, Any]:
    return {
        "entitystatus": "closed" if flag("isinactive")(record, reading) else "active",
        "created_at": moment("created")(record, reading) or reading.now,
    }


CUSTOMERS = Mirror(
    model=Customer,
    base="customer c",
    joins=(
        "LEFT JOIN customerAddressbook bb ON bb.entity = c.id AND bb.defaultbilling = 'T' "
        "LEFT JOIN customerAddressbookEntityAddress ba ON ba.nkey = bb.addressbookaddress "
        "LEFT JOIN customerAddressbook sb ON sb.entity = c.id AND sb.defaultshipping = 'T' "
        "LEFT JOIN customerAddressbookEntityAddress sa ON sa.nkey = sb.addressbookaddress"
    ),
    select=(
        "c.externalid, c.entityid, c.companyname, c.firstname, c.lastname, c.email, c.phone, c.terms, c.salesrep, "
        "c.creditlimit, c.isinactive, ba.addrtext AS billing, sa.addrtext AS shipping, "
        f"TO_CHAR(c.datecreated, '{ORACLE_FORMAT}') AS created"
    ),
    references=(("terms", PaymentTerm), ("salesrep", SalesRep)),
    columns={
        "companyname": _name,
        "email": text("email"),
        "phone": text("phone"),
        "billing_address": text("billing"),
        "shipping_address": text("shipping"),
        "credit_limit": money("creditlimit"),
        "terms_id": reference("terms", PaymentTerm),
        "sales_rep": reference("salesrep", SalesRep),
        "lastmodifieddate": moment("lm"),
    },
    born=_born,
    push_type="customer",
    gone={"entitystatus": "closed"},
)
