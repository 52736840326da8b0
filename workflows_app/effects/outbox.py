"""`netsuite.push` and `email.send`: rows that are delivered outside the database, each on an approved proposal."""

from datetime import datetime

from approvals.canonical import canonical
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import EmailSend, NetsuitePush
from workflows_app.models import OutboundEmail, PendingPush


def push(effect: NetsuitePush, context: ApplyContext) -> None:
    """Queue a record for NetSuite with the digest that was approved."""
    authority = context.required_authority("a NetSuite push")
    PendingPush.objects.create(
        id=effect["id"],
        external_id=effect["external_id"],
        record_type=effect["record_type"],
        queue=effect["queue"],
        on_failure=effect["on_failure"],
        payload=canonical(effect["record"]),
        expected_modified=_moment(effect["expected_modified"]),
        run_id=context.run_id,
        step=context.step,
        proposal_id=authority.proposal_id,
        digest=authority.digest,
        created_at=context.now,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def email(effect: EmailSend, context: ApplyContext) -> None:
    """Queue a letter with the digest that was approved."""
    authority = context.required_authority("a letter")
    OutboundEmail.objects.create(
        id=effect["id"],
        action_type=effect["action_type"],
        to=effect["to"],
        subject=effect["subject"],
        body=effect["body"],
        attachments=canonical(effect["attachments"]),
        letterhead=effect.get("letterhead", ""),
        in_reply_to=effect.get("in_reply_to", ""),
        refs=" ".join(effect.get("references", ())),
        replaces_id=effect.get("replaces"),
        related_quote_id=effect["related_quote_id"],
        related_quote_revision=effect["related_quote_revision"],
        related_customer_id=effect["related_customer_id"],
        proposed_action_id=authority.proposal_id,
        digest=authority.digest,
        message_id=f"<{effect['id']}@countersign>",
        created_at=context.now,
    )
