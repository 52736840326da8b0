"""Approved letters, as the runner leaves them in the outbox."""

from typing import Any

from django.contrib.auth.models import User

from approvals import hooks, services
from approvals.canonical import canonical
from approvals.clock import database_now
from approvals.models import Outcome, ProposedAction, Verdict
from approvals.services import NewProposal
from tests.integration.approvals.fakes import RecordingHooks
from workflows_app.models import OutboundEmail


def effect(name: str, **changes: Any) -> dict[str, Any]:
    """The `email.send` effect of the letter `name`."""
    return {
        "kind": "email.send",
        "id": f"cs-eml-{name}",
        "action_type": "customer_email",
        "to": f"{name}@example.com",
        "subject": f"Grüße an {name} 🥕",
        "body": "Hello {{ x }} 100%\n.\nBest regards\n",
        "attachments": [],
        "related_quote_id": None,
        "related_quote_revision": None,
        "related_customer_id": "42",
        "editable": ["subject", "body"],
        **changes,
    }


def propose(name: str, effects: list[dict[str, Any]]) -> ProposedAction:
    """A pending proposal with `effects`."""
    new = NewProposal(
        id=f"cs-prp-{name}", action_type="customer_email", entity_type="customer", entity_ref="42", customer_name="Lee",
        title=f"Letter {name}", summary="", payload="{}", risk_level=3, amount=None, window_minutes=60,
        expires_seconds=86400, proposed_by="machine:test", run_id=f"run-{name}", step="welcome_email", item="",
        plan_revision=1, effects=canonical({"on_approve": effects, "recheck": []}),
    )  # fmt: skip
    return services.stage(new)


def decide(proposal: ProposedAction, user: User, verdict: Verdict = Verdict.APPROVE) -> None:
    """Mike decides; nothing is applied by it here."""
    registered = hooks.current()
    hooks.register(RecordingHooks())
    try:
        result = services.decide(
            proposal.pk, verdict, user=user, channel="test", digest=proposal.digest, reason="because"
        )
    finally:
        hooks.register(registered)
    assert result.outcome in {"approved", "rejected"}, result.message
    if verdict == Verdict.APPROVE:
        services.advance_outcome(proposal.pk, Outcome.APPLIED)


def queue(proposal: ProposedAction, letter: dict[str, Any]) -> OutboundEmail:
    """The row that applying the effect inserts."""
    aside = {"kind", "editable", "attachments", "references"}
    columns = {key: value for key, value in letter.items() if key not in aside}
    return OutboundEmail.objects.create(
        **columns,
        attachments=canonical(letter["attachments"]),
        refs=" ".join(letter.get("references", ())),
        proposed_action=proposal,
        digest=proposal.digest,
        message_id=f"<{letter['id']}@countersign>",
        created_at=database_now(),
    )


def approved_letter(user: User, name: str, **changes: Any) -> OutboundEmail:
    """An approved letter that waits to be sent."""
    letter = effect(name, **changes)
    proposal = propose(name, [letter])
    decide(proposal, user)
    return queue(proposal, letter)
