"""`sales_reps` ← employees who sell; `vendors` ← vendors. Everything but the id is NetSuite's."""

from workflows_app.models import Customer, ItemCost, SalesRep, SpecItem, Transaction, Vendor
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Reading, Record, filled_text, text


def _name(record: Record, reading: Reading) -> str:
    """A company's name; a person's; else what NetSuite calls it."""
    person = " ".join(filter(None, (record.get("firstname"), record.get("lastname"))))
    return record.get("companyname") or person or record.get("entityid") or f"record {record['id']}"


SALES_REPS = Mirror(
    model=SalesRep,
    base="employee e",
    where="e.issalesrep = 'T'",
    select="e.externalid, e.entityid, e.firstname, e.lastname, e.email",
    columns={"name": _name, "email": filled_text("email")},
    held_by=((Customer, "sales_rep"),),
)
VENDORS = Mirror(
    model=Vendor,
    base="vendor v",
    select="v.externalid, v.entityid, v.companyname, v.firstname, v.lastname, v.email, v.phone",
    columns={"name": _name, "email": text("email"), "phone": text("phone")},
    held_by=((SpecItem, "vendor_id"), (ItemCost, "vendor_id"), (Transaction, "vendor_id")),
)
