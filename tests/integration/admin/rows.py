"""At least one row of every table that the console shows, and a real proposal of every kind of effect."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success

from approvals import services
from approvals.canonical import canonical
from approvals.models import Decision, DecisionChain, ProposedAction
from approvals.principals import Principal
from tests import factories
from workflows_app import models as tables
from workflows_app.models.hold import Hold
from workflows_app.triggers import manual

INPUTS = {
    "company_name": "Maple Ridge Schools",
    "contact_email": "food@mapleridge.example",
    "billing_address": "12 Elm Street\nMaple Ridge, NY",
}
OWN_APPS = ("approvals", "workflows_app")


def own_models() -> list[type[models.Model]]:
    """Every table of ours."""
    return [model for app in OWN_APPS for model in apps.get_app_config(app).get_models()]


def start_new_customer(name: str = "Maple Ridge Schools", **changes: Any) -> tables.WorkflowRun:
    """A run of the real contract, waiting at its gate."""
    contract = tables.WorkflowContract.objects.get(workflow_type="new_customer", active=True)
    factories.PaymentTermFactory()
    factories.PricingTierFactory()
    inputs = {
        **INPUTS,
        "company_name": name,
        "contact_email": f"{name.replace(' ', '-').lower()}@example.com",
        **changes,
    }
    return manual.start(contract, inputs, principal=Principal("person", "anna"))


def start_quote(customer_id: str, *codes: str) -> tables.WorkflowRun:
    """A quote of these items, or of one, for a customer, waiting at its gate."""
    contract = tables.WorkflowContract.objects.get(workflow_type="customer_quote", active=True)
    factories.PricingTierFactory()
    items = codes or ("ITM-1",)
    for code in items:
        factories.SpecItemFactory(item_code=code, list_price="20.00")
    inputs = {"customer_id": customer_id, "item_codes": list(items), "school_year": "2026-27"}
    return manual.start(contract, inputs, principal=Principal("person", "anna"))


def gate_of(run: tables.WorkflowRun) -> ProposedAction:
    """The proposal that holds the run."""
    return ProposedAction.objects.get(pk=run.proposal_id)


def stage(text: object, number: str = "1", **changes: Any) -> ProposedAction:
    """A proposal with the reviewed text `text`, staged by the service."""
    fields: dict[str, Any] = {
        "id": f"cs-pro-{number}",
        "action_type": "customer_email",
        "entity_type": "customer",
        "entity_ref": "1",
        "customer_name": "Maple Ridge Schools",
        "title": "A letter",
        "summary": "A letter to a customer.",
        "payload": "{}",
        "risk_level": 3,
        "amount": None,
        "window_minutes": 60,
        "expires_seconds": 86400,
        "proposed_by": "machine:test",
        "run_id": "",
        "step": "",
        "item": "",
        "plan_revision": 1,
        **changes,
    }
    return services.stage(services.NewProposal(effects=canonical(text), **fields))


def letter(**changes: Any) -> dict[str, Any]:
    """An `email.send` whose text may be edited."""
    return {
        "kind": "email.send",
        "id": "cs-eml-1",
        "action_type": "customer_email",
        "to": "food@mapleridge.example",
        "subject": "Your account",
        "body": "Dear customer,\nplease pay.",
        "attachments": [{"name": "quote.pdf", "key": "artifacts/abc", "sha256": "ab" * 32}],
        "related_quote_id": None,
        "related_quote_revision": None,
        "related_customer_id": "1",
        "editable": ["subject", "body"],
        **changes,
    }


def staged(*effects: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A `proposal.stage` with these effects."""
    return {
        "kind": "proposal.stage",
        "id": "cs-pro-nested",
        "action_type": "customer_email",
        "entity_type": "customer",
        "entity_ref": "1",
        "customer_name": "Maple Ridge Schools",
        "title": "Welcome letter",
        "summary": "Says hello.",
        "amount": "12.50",
        "payload": {"quote": "7"},
        "risk_level": 3,
        "window_minutes": 60,
        "expires_seconds": 604800,
        "on_approve": list(effects),
        "recheck": ["row.total = was.total"],
        "was": None,
        "alias": "",
        "for_each": "",
        "key": "id",
        **changes,
    }


def leaf(*effects: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The reviewed text of a leaf proposal."""
    return {**staged(*effects, **changes), "contract": {"workflow_type": "made_up", "version": 1}, "inputs": {}}


def hostile_effects(text: str) -> list[dict[str, Any]]:
    """An effect of every kind, and one of none, with this in all their texts."""
    file, named = {"name": text, "key": text, "sha256": text}, {text: text}
    return [
        letter(subject=text, body=text, to=text, attachments=[file]),
        {"kind": "row.update", "table": "customers", "id": text, "set": named, "was": named},
        {"kind": "netsuite.push", "id": "p", "external_id": text, "record_type": text, "queue": text,
         "on_failure": text, "record": {**named, "item": {"items": [named]}}},
        {"kind": "http.request", "id": "h", "method": text, "path": text, "body": text, "produces": text},
        {"kind": "event.record", "id": "e", "event_type": text, "idempotency_key": text, "payload": named},
        {"kind": text, "id": "u", "note": {text: [text, {"b": text}]}},
        staged(letter(body=text), title=text, summary=text, recheck=[text], payload=named),
    ]  # fmt: skip


def fill_every_table(count: int = 1, first: int = 0) -> None:
    """`count` rows in every table of ours and of django-q2, numbered from `first`. Needs a user, and the contracts."""
    now = timezone.now()
    for number in range(first, first + count):
        run = start_new_customer(f"Customer of run {number}")
        _rows_of_run(run, now)
        _mirror(str(number))
        email = factories.OutboundEmailFactory()
        _platform(run, email.proposed_action, str(number), now)
        _machines(str(number), now)
        _queue(str(number), now)
        tables.NetSuiteSlot.objects.get_or_create(pk=number)
    Hold.objects.get_or_create(pk=1)
    DecisionChain.objects.get_or_create(pk=1)


def _rows_of_run(run: tables.WorkflowRun, now: Any) -> None:
    tables.WorkflowStep.objects.create(
        run=run, position=0, step="write_d1", kind="d1_write", status="failed", error="No."
    )
    tables.RunLog.objects.create(
        run=run, workflow_type=run.workflow_type, status="failed", started_at=now, completed_at=now, summary_json="{}"
    )
    tables.ReflexionLog.objects.create(run=run, narrative="It failed.", tags="new_customer", created_at=now)
    tables.DraftedText.objects.create(
        run=run, purpose="letter", key="0" * 64, refusal="It took too long.", model="small", created_at=now
    )
    tables.VerifyResult.objects.create(
        run=run, name="customer_persisted", kind="sql", spec="{}", window_seconds=10, due_at=now, created_at=now
    )


def _mirror(number: str) -> None:
    for factory in (
        factories.SalesRepFactory,
        factories.CustomerFactory,
        factories.CustomerProfileFactory,
        factories.CustomerProgramFactory,
        factories.VendorFactory,
        factories.SpecItemFactory,
        factories.TransactionFactory,
        factories.CustomerPaymentFactory,
        factories.ArAgingFactory,
        factories.ArDisputeFactory,
        factories.AnomalyInvestigationFactory,
        factories.QuoteFactory,
        factories.InboundEmailFactory,
        factories.SyncLogFactory,
    ):
        factory()
    said = canonical({"classification": "other", "customer_id": None, "invoice_ref": None})
    mail = factories.InboundEmailFactory(triage="waiting")
    tables.TriageCorrection.objects.create(
        email=mail, before=said, after=said, corrected_by="person:mike", corrected_at=timezone.now()
    )
    tables.MailboxPosition.objects.get_or_create(name=f"office@example.com/{number}")
    factories.ItemCostFactory(item_code=f"ITM-{number}")
    factories.PricingMasterFactory(item_code=f"ITM-{number}")
    factories.ProposedPricingFactory(item_code=f"ITM-{number}")
    factories.TransactionLineFactory(transaction_id=number)
    factories.QuoteLineFactory(quote_id=number)


def _platform(run: tables.WorkflowRun, proposal: ProposedAction, number: str, now: Any) -> None:
    tables.Event.objects.create(
        id=f"cs-evt-{number}", event_type="workflow.failed", idempotency_key=number, run_id=run.pk, recorded_at=now
    )
    tables.CronOccurrence.objects.create(
        workflow_type="x", scheduled_for=now - timedelta(days=int(number)), status="missed", created_at=now
    )
    tables.Alert.objects.create(key=number, kind="verify", message="It failed.", created_at=now, last_seen_at=now)
    tables.ContractPause.objects.create(workflow_type="x", paused=True, by="person:mike", at=now, reason="Audit.")
    tables.Heartbeat.objects.create(name=f"pass {number}", at=now)
    tables.WeeklyAnomaly.objects.create(
        id=number,
        week_start=now.date() - timedelta(weeks=int(number)),
        kind="margin_compression",
        open_count=1,
        total_count=2,
        last_seen_at=now,
    )
    tables.PendingPush.objects.create(
        id=f"cs-psh-{number}",
        external_id=f"cs-cus-{number}",
        record_type="customer",
        payload="{}",
        run_id=run.pk,
        step="write_ns",
        proposal=proposal,
        digest=proposal.digest,
        created_at=now,
    )
    Decision.objects.create(
        seq=Decision.objects.count() + 1,
        proposal=proposal,
        user=User.objects.order_by("pk")[0],
        principal="person:mike",
        channel="admin",
        verdict="edit",
        digest_shown=proposal.digest,
        digest_decided=proposal.digest,
        decided_at=now,
        previous_hash="0" * 64,
        hash=number.rjust(64, "0"),
    )


def _machines(number: str, now: Any) -> None:
    """A token, both ends of webhooks, and a delivery that was given up."""
    mike = {"created_by": "person:mike", "created_at": now}
    name = f"shop-{number}"
    tables.ApiToken.objects.create(
        name=name, public=number.rjust(12, "0"), secret_hash="0" * 64, scopes="runs:read", **mike
    )
    source = tables.WebhookSource.objects.create(name=name, event_types="order.placed", secret="sealed", **mike)
    tables.WebhookReceipt.objects.create(
        source=source, webhook_id="msg_1", signed_at=now, body_sha256="0" * 64, received_at=now
    )
    subscription = tables.WebhookSubscription.objects.create(
        name=name, url="https://shop.example.com/hook", event_types="workflow.failed", secret="sealed", **mike
    )
    tables.WebhookDelivery.objects.create(
        id=f"cs-whd-{number}", subscription=subscription, event_id=f"cs-evt-{number}", event_type="workflow.failed",
        body="{}", status="dead", next_attempt_at=now, give_up_at=now, last_error="It did not answer.", created_at=now,
    )  # fmt: skip


def _queue(number: str, now: Any) -> None:
    Schedule.objects.create(name=f"tick {number}", func="workflows_app.tasks.tick", next_run=now)
    for model, success in ((Success, True), (Failure, False)):
        model.objects.create(
            id=f"{success}{number}",
            name=f"task {number}",
            func="workflows_app.tasks.tick",
            started=now,
            stopped=now,
            success=success,
        )
    OrmQ.objects.create(key="countersign", payload="not a signed pickle", lock=now)
