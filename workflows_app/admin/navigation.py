"""The sidebar: groups in the order of a working day. Everybody sees only what they may open."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse

from workflows_app.admin import access
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract

_GROUPS: Final[tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...]] = (
    (
        "Decisions",
        (
            ("All proposals", "approval", "approvals.proposedaction"),
            ("Decision chain", "link", "approvals.decision"),
            ("Hold everything", "front_hand", "workflows_app.hold"),
        ),
    ),
    (
        "Runs",
        (
            ("Runs", "play_circle", "workflows_app.workflowrun"),
            ("Steps", "checklist", "workflows_app.workflowstep"),
            ("History", "history", "workflows_app.runhistory"),
            ("Run logs", "summarize", "workflows_app.runlog"),
            ("Verify results", "fact_check", "workflows_app.verifyresult"),
            ("Reflexions", "notes", "workflows_app.reflexionlog"),
            ("Drafted texts", "edit_note", "workflows_app.draftedtext"),
        ),
    ),
    ("Contracts", (("Contracts", "contract", "workflows_app.workflowcontract"),)),
    (
        "Receivables",
        (
            ("AR aging", "hourglass", "workflows_app.araging"),
            ("Disputes", "gavel", "workflows_app.ardispute"),
            ("Transactions", "receipt_long", "workflows_app.transaction"),
            ("Transaction lines", "list", "workflows_app.transactionline"),
            ("Payments", "payments", "workflows_app.customerpayment"),
            ("Payment terms", "event_available", "workflows_app.paymentterm"),
        ),
    ),
    (
        "Sales",
        (
            ("Customers", "storefront", "workflows_app.customer"),
            ("Customer profiles", "badge", "workflows_app.customerprofile"),
            ("Programmes", "workspaces", "workflows_app.customerprogram"),
            ("Quotes", "request_quote", "workflows_app.quote"),
            ("Quote lines", "list_alt", "workflows_app.quoteline"),
            ("Sales reps", "group", "workflows_app.salesrep"),
            ("Inbound email", "mail", "workflows_app.inboundemail"),
            ("Triage corrections", "rule", "workflows_app.triagecorrection"),
        ),
    ),
    (
        "Catalogue",
        (
            ("Items", "inventory_2", "workflows_app.specitem"),
            ("Vendors", "local_shipping", "workflows_app.vendor"),
            ("Item costs", "price_change", "workflows_app.itemcost"),
            ("Prices in force", "sell", "workflows_app.pricingmaster"),
            ("Proposed prices", "price_check", "workflows_app.proposedpricing"),
            ("Price tiers", "stacks", "workflows_app.pricingtier"),
            ("Anomalies", "troubleshoot", "workflows_app.anomalyinvestigation"),
            ("Weekly anomalies", "monitoring", "workflows_app.weeklyanomaly"),
        ),
    ),
    (
        "Outbox",
        (
            ("Letters", "outgoing_mail", "workflows_app.outboundemail"),
            ("NetSuite pushes", "cloud_upload", "workflows_app.pendingpush"),
        ),
    ),
    (
        "Machines",
        (
            ("API tokens", "key", "workflows_app.apitoken"),
            ("Webhook sources", "call_received", "workflows_app.webhooksource"),
            ("Webhook subscriptions", "webhook", "workflows_app.webhooksubscription"),
            ("Webhook deliveries", "send", "workflows_app.webhookdelivery"),
            ("Webhooks received", "mark_email_read", "workflows_app.webhookreceipt"),
        ),
    ),
    (
        "Platform",
        (
            ("Alerts", "notifications", "workflows_app.alert"),
            ("Events", "bolt", "workflows_app.event"),
            ("Cron occurrences", "schedule", "workflows_app.cronoccurrence"),
            ("Pauses", "pause_circle", "workflows_app.contractpause"),
            ("Heartbeats", "monitor_heart", "workflows_app.heartbeat"),
            ("Sync passes", "sync", "workflows_app.synclog"),
            ("Mailboxes", "move_to_inbox", "workflows_app.mailboxposition"),
            ("Queue: schedules", "alarm", "django_q.schedule"),
            ("Queue: waiting", "pending", "django_q.ormq"),
            ("Queue: failed", "error", "django_q.failure"),
            ("Queue: done", "task_alt", "django_q.success"),
            ("Users", "person", "auth.user"),
            ("Groups", "groups", "auth.group"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The navigation in unfold's form."""
    groups = [{"title": title, "items": [_item(*entry) for entry in entries]} for title, entries in _GROUPS]
    for group in groups:
        if group["title"] == "Sales":
            group["items"] = [*intakes(request), *group["items"]]
    front = {"title": "Front page", "icon": "home", "link": reverse("admin:index")}
    return [{"items": [_inbox(), front, _memory()]}, *groups]


def _inbox() -> dict[str, Any]:
    """What waits, with its number."""
    return {
        "title": "Inbox",
        "icon": "inbox",
        "link": reverse("inbox:list"),
        "permission": _may_view("approvals", "proposedaction"),
        "badge": "workflows_app.admin.inbox.views.badge",
    }


def _memory() -> dict[str, Any]:
    """The search of what earlier runs remember."""
    return {
        "title": "Memory",
        "icon": "psychology",
        "link": reverse("memory:search"),
        "permission": _may_view("workflows_app", "reflexionlog"),
    }


def intakes(request: HttpRequest) -> list[dict[str, Any]]:
    """The intake forms for those who may hand one in, and what they handed in. `form`: the title of a form."""
    if not access.hands_in(request.user):
        return []
    rows = WorkflowContract.objects.filter(active=True, source__contains=access.SALES_SOURCE)
    contracts = [contract for contract in map(contract_or_problem, rows) if isinstance(contract, Contract)]
    forms = [
        {
            "title": f"Intake: {contract.title}",
            "form": contract.title,
            "icon": "edit_document",
            "link": reverse("intake:form", args=[contract.workflow_type]),
        }
        for contract in contracts
        if takes_intake(contract) and not access.start_refusal(request.user, contract)
    ]
    mine = reverse("intake:mine")
    active = request.path == mine or request.path.startswith(f"{mine}submission/")  # and not on every form under it
    return [*forms, {"title": "My submissions", "icon": "outbox", "link": mine, "active": active}]


def takes_intake(contract: Contract) -> bool:
    """Whether a contract is offered as an intake form: its trigger says so."""
    return access.SALES_SOURCE in getattr(contract.trigger, "sources", ())


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{app}_{name}_changelist"),
        "permission": _may_view(app, name),
    }


def _may_view(app: str, name: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(f"{app}.view_{name}")
