"""What the page of one message shows."""

from typing import Any, Final

from approvals.canonical import parse
from workflows_app.admin.contracts.pickers import SEPARATOR
from workflows_app.admin.mail_in.marked import marked
from workflows_app.inbox.intake import event_key, extracted
from workflows_app.inbox.words import CLASSES
from workflows_app.models import Customer, Event, InboundEmail, TriageCorrection, WorkflowContract, WorkflowRun
from workflows_app.models.mirror.mail import ROUTED, SET_ASIDE, WAITING

TITLES: Final = {
    "invoice_dispute": "Invoice dispute",
    "payment_promise": "Promise to pay",
    "order": "Order",
    "quote_request": "Request for a quote",
    "other": "Something else",
}
# What a message's standing is called, and its colour.
STANDINGS: Final = {ROUTED: ("went on", "good"), WAITING: ("waits for you", "warn"), SET_ASIDE: ("set aside", "")}
DISPUTE_OFFERS: Final = "customer_invoice_dispute"


def mail_page(row: InboundEmail, refusal: str, typed: dict[str, str] | None = None) -> dict[str, Any]:
    """Everything about a message in a fixed number of queries. `typed`: what was typed and refused."""
    found = extracted(row)
    customer = Customer.objects.filter(pk=row.customer_id).first() if row.customer_id else None
    words = [str(word) for word in parse(row.deciding_words)]
    return {
        "mail": row,
        "standing": STANDINGS[row.triage],
        "title": TITLES.get(row.classification, row.classification),
        "customer": customer,
        "words": words,
        "subject": marked(row.subject, words),
        "text": marked(row.text, words),
        "found": found,
        "attachments": parse(row.attachments),
        "runs": _runs(row),
        "corrections": [_correction(each) for each in row.corrections.order_by("-corrected_at", "-pk")[:20]],
        "refusal": refusal,
        "open": row.triage != ROUTED,
        "choices": [(name, TITLES[name]) for name in CLASSES],
        "typed": typed or _typed(row, customer, found),
        "offers": WorkflowContract.objects.filter(workflow_type=DISPUTE_OFFERS, active=True).exists(),
    }


def _typed(row: InboundEmail, customer: Customer | None, found: dict[str, Any]) -> dict[str, str]:
    """What the form has at first: what triage made of it."""
    return {
        "classification": row.classification,
        "customer_id": f"{customer.companyname}{SEPARATOR}{customer.pk}" if customer else "",
        "invoice_ref": str(found.get("invoice_ref") or ""),
    }


def _runs(row: InboundEmail) -> list[WorkflowRun]:
    """The runs that its event has started, by the unique key of each."""
    event = Event.objects.filter(idempotency_key=event_key(row.uuid)).first() if row.triage == ROUTED else None
    if event is None:
        return []
    types = WorkflowContract.objects.order_by("workflow_type").values_list("workflow_type", flat=True).distinct()
    return list(WorkflowRun.objects.filter(trigger_key__in=[f"event:{name}:{event.pk}" for name in types]))


def _correction(row: TriageCorrection) -> dict[str, Any]:
    before, after = parse(row.before), parse(row.after)
    changes = [
        (_FIELDS.get(name, name), _said(name, before.get(name)), _said(name, value))
        for name, value in after.items()
        if value != before.get(name)
    ]
    return {"by": row.corrected_by.partition(":")[2], "at": row.corrected_at, "changes": changes}


_FIELDS: Final = {"classification": "About", "customer_id": "Customer", "invoice_ref": "Invoice"}


def _said(name: str, value: str | None) -> str:
    return TITLES.get(value or "", value or "none") if name == "classification" else value or "none"
