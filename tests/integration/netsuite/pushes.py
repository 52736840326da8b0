"""Approved pushes, as the runner leaves them in the outbox, and the way to their end."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from approvals import hooks, services
from approvals.canonical import canonical, parse, to_json
from approvals.clock import database_now
from approvals.models import Outcome, Verdict
from approvals.services import NewProposal
from tests.integration.approvals.fakes import RecordingHooks
from workflows_app.effects import outbox
from workflows_app.effects.context import ApplyContext, Authority
from workflows_app.models import Alert, PendingPush
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.known_change import GRACE
from workflows_app.netsuite.push import deliver_pushes
from workflows_app.netsuite.push_queue import UNFINISHED
from workflows_app.netsuite.sandbox.server import Sandbox

CUSTOMER: dict[str, Any] = {
    "companyName": "Ada's Kitchen",
    "email": "ada@example.com",
    "phone": "(518) 555-0101",
    "creditLimit": "12500.50",
    "addressBook": {
        "items": [
            {"defaultBilling": True, "label": "Billing",
             "addressBookAddress": {"override": True, "addrText": "1 Main St\nAlbany, NY"}},
            {"defaultShipping": True, "label": "Shipping",
             "addressBookAddress": {"override": True, "addrText": "2 Dock Rd\nAlbany, NY"}},
        ]
    },
}  # fmt: skip


def approved_push(
    user: User,
    name: str,
    *,
    record_type: str = "customer",
    external_id: str = "",
    record: Mapping[str, Any] = CUSTOMER,
    expected_modified: datetime | None = None,
) -> PendingPush:
    """An approved push that waits."""
    effect: Any = {
        "kind": "netsuite.push",
        "id": f"cs-psh-{name}",
        "external_id": external_id or f"cs-cus-{name}",
        "record_type": record_type,
        "queue": "NS_PUSH_QUEUE",
        "on_failure": "retry_3_then_alert",
        "expected_modified": to_json(expected_modified),
        "record": record,
    }
    new = NewProposal(
        id=f"cs-prp-{name}", action_type="push", entity_type="customer", entity_ref="42", customer_name="Ada",
        title=f"Push {name}", summary="", payload="{}", risk_level=3, amount=None, window_minutes=60,
        expires_seconds=86400, proposed_by="machine:test", run_id=f"run-{name}", step="write_ns", item="",
        plan_revision=1, effects=canonical({"on_approve": [effect], "recheck": []}),
    )  # fmt: skip
    proposal = services.stage(new)
    _approve(proposal.pk, proposal.digest, user)
    context = ApplyContext(
        run_id=new.run_id, workflow_type="test", contract_version=1, step=new.step, item="", inputs={},
        plan_revision=1, proposed_by=new.proposed_by, now=database_now(),
        authority=Authority(proposal_id=proposal.pk, digest=proposal.digest),
    )  # fmt: skip
    outbox.push(parse(canonical(effect)), context)
    return PendingPush.objects.get(pk=effect["id"])


def _approve(proposal_id: str, digest: str, user: User) -> None:
    registered = hooks.current()
    hooks.register(RecordingHooks())
    try:
        result = services.decide(proposal_id, Verdict.APPROVE, user=user, channel="test", digest=digest)
    finally:
        hooks.register(registered)
    assert result.outcome == "approved", result.message
    services.advance_outcome(proposal_id, Outcome.APPLIED)


def hurry() -> None:
    """Let every pause be over."""
    long_ago = database_now() - GRACE - timedelta(minutes=20)
    PendingPush.objects.filter(status__in=UNFINISHED).update(next_attempt_at=None)
    PendingPush.objects.exclude(sent_at=None).update(sent_at=long_ago)
    PendingPush.objects.filter(status="in_flight").update(lease_until=long_ago)
    Alert.objects.filter(resolved_at=None).update(last_seen_at=long_ago)


def settle(passes: int = 12) -> None:
    """Deliver, pass after pass, until nothing is unfinished."""
    for _ in range(passes):
        deliver_pushes()
        if not PendingPush.objects.filter(status__in=UNFINISHED).exists():
            return
        hurry()


def quiet(sandbox: Sandbox) -> None:
    """Wait until nothing is under way there: a late request may still change something."""
    end = time.monotonic() + 60
    while time.monotonic() < end and any(
        one["status"] is None and one["fault"] in ("delay", "late_commit") for one in sandbox.arrived()
    ):
        time.sleep(0.01)


def as_approved(record: Mapping[str, Any]) -> dict[str, Any]:
    """The pushed fields of a record in NetSuite, in the words of `CUSTOMER` and `estimate`: what must be equal."""
    if "companyName" in record:
        names = ("companyName", "email", "phone")
        lines = [
            {name: line[name] for name in ("label", "addressBookAddress")}
            | {flag: True for flag in ("defaultBilling", "defaultShipping") if line[flag]}
            for line in record["addressBook"]["items"]
        ]
        credit = f"{record['creditLimit']:.2f}"
        return {name: record[name] for name in names} | {"creditLimit": credit, "addressBook": {"items": lines}}
    lines = [
        {"line": line["line"], "item": {"id": line["item"]["id"]}, "quantity": line["quantity"],
         "rate": f"{line['rate']:.2f}", "description": line["description"]}
        for line in record["item"]["items"]
    ]  # fmt: skip
    return {
        "entity": {"id": record["entity"]["id"]}, "tranDate": record["tranDate"], "memo": record["memo"],
        "item": {"items": lines},
    }  # fmt: skip


def estimate(entity: Any, item: str, *rates: str) -> dict[str, Any]:
    """A quotation of one item at these rates."""
    lines = [
        {"line": number, "item": {"id": item}, "quantity": 1, "rate": rate, "description": f"Line {number}"}
        for number, rate in enumerate(rates, start=1)
    ]
    return {"entity": {"id": entity}, "tranDate": "2026-09-14", "memo": "Prices 2026-27", "item": {"items": lines}}


def status(push: PendingPush) -> str:
    """Its status now."""
    push.refresh_from_db()
    return push.status


def new_record(record_type: str, **body: Any) -> str:
    """A record made in NetSuite by somebody else."""
    with connect() as netsuite:
        return netsuite.create(record_type, body)


def edit(record_type: str, ref: str, **body: Any) -> None:
    """Somebody else changes a record in NetSuite."""
    with connect() as netsuite:
        netsuite.update(record_type, ref, body)


def modified(record_type: str, ref: str) -> datetime:
    """When NetSuite changed it last."""
    with connect() as netsuite:
        return datetime.fromisoformat(netsuite.get(record_type, ref)["lastModifiedDate"])
