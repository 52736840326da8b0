"""Store a message once, and tell what it is about: the one writer of `inbound_emails` and `triage_corrections`.

The message and its event are committed together. Whoever hands a message in twice, or two who hand it in at once, find
it stored: its id and the key of its event are derived from its Message-ID, if what was written is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction

from approvals.canonical import canonical
from approvals.canonical import parse as parse_text
from approvals.clock import database_now
from workflows_app.delivery.email import bounced
from workflows_app.effects.identity import derive_id
from workflows_app.inbox import triage
from workflows_app.inbox.bounces import given_back
from workflows_app.inbox.invoices import Invoices, invoices_in
from workflows_app.inbox.parse import Message, derived_id, parse
from workflows_app.inbox.precedents import precedent
from workflows_app.inbox.quotes import own_words
from workflows_app.inbox.senders import customer_of
from workflows_app.inbox.triage import Verdict
from workflows_app.inbox.words import DISPUTE, ORDER, OTHER, PROMISE, QUOTE
from workflows_app.models import InboundEmail
from workflows_app.models.mirror.mail import ROUTED, SET_ASIDE, WAITING
from workflows_app.triggers import events

# What a contract may listen to, by class. The first is the seeds'; nothing follows from `other`.
EVENTS: Final[Mapping[str, str]] = {
    DISPUTE: "inbound_email_triage_classification",
    PROMISE: "inbound_email_payment_promise",
    ORDER: "inbound_email_order",
    QUOTE: "inbound_email_quote_request",
}
# By what a message is known again: the servers on its way change its other headers, and so its bytes.
_SAME: Final = ("sender", "subject", "text", "attachments")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a message lay; empty when it was handed in."""

    mailbox: str = ""
    uid_validity: int | None = None
    uid: int | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What became of a message. `new`: whether it was not known before. `triage`: routed, waiting or set_aside."""

    email_uuid: str
    new: bool
    classification: str
    confidence: str
    triage: str
    customer_id: str | None


def take_in(raw: bytes, *, origin: Origin | None = None, received_at: datetime | None = None) -> Taken:
    """Store a message and record its event, unless it is known. Raises `UnreadableMailError` for what is no message."""
    message = parse(raw)
    row = _row(message, origin or Origin(), received_at or database_now())
    with transaction.atomic():
        row, new = _kept(row, raw)
        if new and row.triage == ROUTED:
            tell(row)
        if new:
            _give_back(raw)
    return Taken(
        email_uuid=row.uuid,
        new=new,
        classification=row.classification,
        confidence=str(row.confidence or ""),
        triage=row.triage,
        customer_id=row.customer_id,
    )


def keep_unread(raw: bytes, *, origin: Origin, received_at: datetime, trouble: str) -> None:
    """Store that there is a message which cannot be taken in, of nobody and without its words: a person reads it there.

    `trouble`: why, as a sentence.
    """
    unread = Message(message_id=derived_id(raw), trouble=trouble)
    nothing = Verdict(classification=OTHER, confidence=Decimal("0.500"))
    found = {"trouble": trouble}
    _stored(_row_of(unread, origin, received_at, nothing, found, customer_id=None, way=WAITING))


def _give_back(raw: bytes) -> None:
    """When it reports that a letter of ours did not arrive: mark that, and alert."""
    found = given_back(raw)
    if found:
        bounced(found.message_id, found.said)


def tell(row: InboundEmail) -> str:
    """Record the event of a message, once; its id. Nothing of it is believed: what it starts waits at its gate."""
    return events.emit(EVENTS[row.classification], event_key(row.uuid), payload(row), own_key=True)


def event_key(email_uuid: str) -> str:
    """The idempotency key of a message's event."""
    return f"inbound:{email_uuid}"


def payload(row: InboundEmail) -> dict[str, Any]:
    """What the event carries."""
    found = extracted(row)
    return {
        "email_uuid": row.uuid,
        "customer_id": row.customer_id,
        "invoice_ref": found.get("invoice_ref") or None,
        "reason_text": triage.reason(row.subject, found.get("reason_text") or ""),
        "classification": row.classification,
        "confidence": str(row.confidence),
    }


def extracted(row: InboundEmail) -> dict[str, Any]:
    """What was found in a message, by name."""
    found = parse_text(row.extracted)
    return found if isinstance(found, dict) else {}


def _row(message: Message, origin: Origin, received_at: datetime) -> InboundEmail:
    """Sort a message. What was said of its sender's mail before counts more than words."""
    written = own_words(message.text)
    customer_id = customer_of(message.sender)
    invoices = invoices_in(f"{message.subject}\n{written}", message.text, customer_id)
    verdict = triage.classify(message.subject, written, automated=message.automated, known_invoice=invoices.known)
    said = precedent(message.sender, verdict.words)
    if said and not message.automated:
        verdict, customer_id = said.applied(verdict), customer_id or said.customer_id
    found = {
        "invoice_ref": invoices.reference,
        "several_invoices": list(invoices.several),
        "reason_text": triage.reason(message.subject, written),
        "automated": message.automated,
        "mailing_list": message.mailing_list,
        "trouble": message.trouble,
        "precedent": said.email_uuid if said else "",
    }
    way = _way(message, verdict, invoices, customer_id)
    return _row_of(message, origin, received_at, verdict, found, customer_id=customer_id, way=way)


def _row_of(
    message: Message,
    origin: Origin,
    received_at: datetime,
    verdict: Verdict,
    found: Mapping[str, Any],
    *,
    customer_id: str | None,
    way: str,
) -> InboundEmail:
    """The row of a message. `found`: what was found in it, by name; `way`: its triage."""
    return InboundEmail(
        uuid=derive_id("eml", message.message_id),
        message_id=message.message_id,
        refs=" ".join(message.references),
        sender=message.sender,
        subject=message.subject,
        text=message.text,
        attachments=canonical(list(message.attachments)),
        received_at=received_at,
        mailbox=origin.mailbox,
        uid_validity=origin.uid_validity,
        uid=origin.uid,
        classification=verdict.classification,
        confidence=verdict.confidence,
        deciding_words=canonical(list(verdict.words)),
        extracted=canonical({name: value for name, value in found.items() if value}),
        customer_id=customer_id,
        triage=way,
    )


def _way(message: Message, verdict: Verdict, invoices: Invoices, customer_id: str | None) -> str:
    """Whether a message goes on by itself, waits for a person, or nothing follows from it.

    A person looks at what is unsure, at what names several invoices or could not be read, at complaints of strangers
    about nothing that we know, at what a customer wrote that no word explains, and at what came through a mailing list
    and is about somebody or something that we know.
    """
    about_us = bool(customer_id) or invoices.known
    if message.automated or (message.mailing_list and not about_us):
        return SET_ASIDE
    if verdict.classification == OTHER and not message.trouble:
        return WAITING if not verdict.confident and (customer_id or message.mailing_list) else SET_ASIDE
    sure = verdict.confident and verdict.classification in EVENTS and not message.mailing_list
    return ROUTED if sure and about_us and not invoices.several and not message.trouble else WAITING


def _kept(row: InboundEmail, raw: bytes) -> tuple[InboundEmail, bool]:
    """The message as it is stored, and whether it is new.

    A Message-ID is whatever its sender wrote: another message that carries a known one is stored under an id derived
    from its bytes, and a person looks at it.
    """
    new = _stored(row)
    known = InboundEmail.objects.get(message_id=row.message_id)
    if all(getattr(known, name) == getattr(row, name) for name in _SAME):
        return known, new
    row.message_id = derived_id(raw)
    row.uuid = derive_id("eml", row.message_id)
    row.triage = WAITING
    row.extracted = canonical({**extracted(row), "same_id": known.uuid})
    new = _stored(row)
    return InboundEmail.objects.get(message_id=row.message_id), new


def _stored(row: InboundEmail) -> bool:
    """Store it unless it is known. One whose place in the mailbox is another's already is stored without the place."""
    known = InboundEmail.objects.filter(message_id=row.message_id)
    if known.exists():
        return False
    InboundEmail.objects.bulk_create([row], ignore_conflicts=True)
    if not known.exists():
        row.uid_validity = row.uid = None
        InboundEmail.objects.bulk_create([row], ignore_conflicts=True)
    return True
