"""What the page of one message shows."""

from collections.abc import Iterable
from typing import Any, Final

from approvals.canonical import parse
from workflows_app.admin.contracts.pickers import SEPARATOR
from workflows_app.admin.mail_in.marked import marked
from workflows_app.inbox.intake import event_key, extracted
from workflows_app.inbox.words import CLASSES
from workflows_app.models import Customer, Event, InboundEmail, TriageCorrection, WorkflowContract, WorkflowRun
from workflows_app.models.mirror.mail import ROUTED, SET_ASIDE, WAITING
from workflows_app.presentation import words
from workflows_app.presentation.look_up import look_up
from workflows_app.presentation.names import Names
from workflows_app.presentation.people import who

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
    deciding = [str(word) for word in parse(row.deciding_words)]
    return {
        "mail": row,
        "standing": STANDINGS[row.triage],
        "title": title_of(row.classification),
        "customer": customer,
        "words": deciding,
        "subject": marked(row.subject, deciding),
        "text": marked(row.text, deciding),
        "found": found,
        "attachments": parse(row.attachments),
        "runs": _runs(row),
        "corrections": corrections(row.corrections.order_by("-corrected_at", "-pk")[:_MOST_CORRECTIONS]),
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


def title_of(classification: str) -> str:
    """A class as people say it, also one that triage does not know; empty for none."""
    return TITLES.get(classification, words.sentence(classification))


def corrections(rows: Iterable[TriageCorrection]) -> list[dict[str, Any]]:
    """Who said what of messages, and when; `changes`: triples of what, before and after. One query for all names."""
    read = [(row, parse(row.before), parse(row.after)) for row in rows]
    customers = {said.get("customer_id") for _, *both in read for said in both}
    names = look_up({("customer", key) for key in customers if key})
    return [
        {"by": who(row.corrected_by), "at": row.corrected_at, "changes": changes(before, after, names)}
        for row, before, after in read
    ]


def changes(before: dict[str, Any], after: dict[str, Any], names: Names) -> list[tuple[str, str, str]]:
    """What was said otherwise than triage had it: what, before and after."""
    return [
        (_FIELDS.get(name, name), _said(name, before.get(name), names), _said(name, value, names))
        for name, value in after.items()
        if value != before.get(name)
    ]


_FIELDS: Final = {"classification": "About", "customer_id": "Customer", "invoice_ref": "Invoice"}
_MOST_CORRECTIONS: Final = 20


def _said(name: str, value: str | None, names: Names) -> str:
    if not value:
        return "none"
    return title_of(value) if name == "classification" else names.get(("customer", value), value)
