"""`payment_terms` ← terms. Everything but the id is NetSuite's. Terms carry no date of change: always read whole."""

from workflows_app.models import Customer, CustomerProfile, PaymentTerm
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import filled_text, whole

PAYMENT_TERMS = Mirror(
    model=PaymentTerm,
    base="term m",
    select="m.name, m.daysuntilnetdue",
    columns={"name": filled_text("name"), "days": whole("daysuntilnetdue")},
    modified=False,
    natural=("name", "name"),
    held_by=((Customer, "terms_id"), (CustomerProfile, "terms_id")),
)
