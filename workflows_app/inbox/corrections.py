"""A person says what a message is about; that is kept, and the message goes on as if it had been sorted so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from approvals.canonical import canonical, parse
from approvals.principals import Principal
from workflows_app.inbox.intake import EVENTS, extracted, tell
from workflows_app.inbox.invoices import invoice_known
from workflows_app.inbox.precedents import fingerprint
from workflows_app.inbox.words import CLASSES
from workflows_app.models import Customer, InboundEmail, TriageCorrection
from workflows_app.models.mirror.mail import ROUTED, SET_ASIDE, WAITING

_LONGEST_REFERENCE: Final = 60


class CorrectionError(Exception):
    """The correction cannot be taken; the sentence says what to do."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person says of a message. An empty `customer_id` or `invoice_ref` is nobody and none."""

    classification: str
    customer_id: str = ""
    invoice_ref: str = ""


def correct(email_uuid: str, said: Said, *, by: Principal, now: datetime) -> InboundEmail:
    """Take what a person says of a message whose event is not recorded yet; the message as it is now.

    Of two who say something at once the first is taken. Raises `CorrectionError`, and changes nothing then.
    """
    _check(said, by)
    with transaction.atomic():
        row = InboundEmail.objects.select_for_update().filter(pk=email_uuid).first()
        if row is None:
            raise CorrectionError("There is no such message.")
        before = said_of(row)
        after = {name: value or None for name, value in vars(said).items()}
        _change(row, said)
        TriageCorrection.objects.create(
            email=row,
            sender=row.sender,
            words=fingerprint(parse(row.deciding_words)),
            before=canonical(before),
            after=canonical(after),
            corrected_by=str(by),
            corrected_at=now,
        )
        if row.triage == ROUTED:
            tell(row)
    return row


def said_of(row: InboundEmail) -> dict[str, str | None]:
    """What triage, or the last person, made of a message."""
    return {
        "classification": row.classification,
        "customer_id": row.customer_id,
        "invoice_ref": extracted(row).get("invoice_ref"),
    }


def _check(said: Said, by: Principal) -> None:
    if by.kind != "person":
        raise CorrectionError("Only a person says what a message is about.")
    if said.classification not in CLASSES:
        raise CorrectionError("Choose what the message is about.")
    if said.customer_id and not Customer.objects.filter(pk=said.customer_id).exists():
        raise CorrectionError(f"There is no customer with the id {said.customer_id}: choose one of the list.")
    if len(said.invoice_ref) > _LONGEST_REFERENCE or (said.invoice_ref and not invoice_known(said.invoice_ref)):
        raise CorrectionError("There is no such invoice: type its number as NetSuite has it, or leave it empty.")


def _change(row: InboundEmail, said: Said) -> None:
    """Write it, unless the message went on meanwhile: one conditional update."""
    found = {**extracted(row), "invoice_ref": said.invoice_ref}
    row.classification = said.classification
    row.customer_id = said.customer_id or None
    row.extracted = canonical({name: value for name, value in found.items() if value})
    row.triage = ROUTED if said.classification in EVENTS else SET_ASIDE
    open_rows = InboundEmail.objects.filter(pk=row.pk, triage__in=[WAITING, SET_ASIDE])
    if not open_rows.update(
        classification=row.classification,
        customer_id=row.customer_id,
        extracted=row.extracted,
        triage=row.triage,
    ):
        raise CorrectionError("This message went on already: decide on the card of its run.")
