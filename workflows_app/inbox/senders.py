"""Whose address a message claims to come from. A hint for a person and for a draft: anybody can write any address."""

from django.db.models.functions import Lower, Trim

from workflows_app.models import Customer, CustomerProfile


def customer_of(address: str) -> str | None:
    """The one customer who has this address on file, for himself or for accounts receivable; None when several have."""
    if not address:
        return None
    sought = address.strip().lower()
    own = Customer.objects.alias(address=Lower("email")).filter(address=sought)
    receivables = CustomerProfile.objects.alias(address=Lower(Trim("ar_contact_email"))).filter(address=sought)
    found = {*own.values_list("pk", flat=True)[:2], *receivables.values_list("pk", flat=True)[:2]}
    return found.pop() if len(found) == 1 else None
