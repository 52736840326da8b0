"""A small company for the workers: tables, contracts, mike, customers with an invoice each, and its NetSuite."""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver

from approvals.clock import database_now
from approvals.principals import Principal
from tests import company, factories
from tests.functional.crash.orders import ITEMS, YEAR
from tests.integration.triggers.small import on_cron
from workflows_app.models import WorkflowContract
from workflows_app.models.catalog import model_for
from workflows_app.netsuite.sandbox.account import open_account
from workflows_app.netsuite.sandbox.filling import fill
from workflows_app.netsuite.sandbox.settings import SandboxSettings
from workflows_app.triggers import manual
from workflows_app.triggers.active import load_active

# The other contracts rest: their schedules would start runs that nobody ordered.
_ASKED_FOR = ("new_customer", "quote_draft", "customer_quote", "customer_invoice_dispute")
_IN_NETSUITE = ("customers", "payment_terms", "pricing_tiers", "sales_reps", "spec_items", "vendors")


def furnish(customers: int, clocks: int) -> list[dict[str, str]]:
    """Everything into an empty database, and an empty NetSuite that knows the same; the customers.

    `clocks`: contracts with a schedule that is due once, now.
    """
    for command in ("migrate", "load_contracts", "set_up"):
        call_command(command, verbosity=0, stdout=io.StringIO())
    WorkflowContract.objects.exclude(workflow_type__in=_ASKED_FOR).update(paused=True)
    now = database_now()
    _wind_up(clocks, now)
    for code in ITEMS:
        company.item(code)
    found = [_customer(number) for number in range(customers)]
    account = open_account(Path(settings.NETSUITE["SANDBOX_FOLDER"]), SandboxSettings(), lambda: datetime.now(UTC))
    fill(account.store, {name: model_for(name)._default_manager.values() for name in _IN_NETSUITE}, now)
    account.store.close()
    return found


def warm_up(customers: Sequence[Mapping[str, str]]) -> None:
    """Load and compile in the zygote what every process would otherwise load and compile anew."""
    active = WorkflowContract.objects.filter(active=True)
    load_active(active, database_now())
    principal = Principal.machine("warm-up")
    inputs = {"customer_id": customers[0]["id"], "item_codes": list(ITEMS), "school_year": YEAR}
    manual.dry_run(active.get(workflow_type="customer_quote"), inputs, principal=principal)
    inputs = {"company_name": "x", "contact_email": "x@example.org", "billing_address": "x"}
    manual.dry_run(active.get(workflow_type="new_customer"), inputs, principal=principal)
    get_resolver().url_patterns  # noqa: B018 it imports every view


def _wind_up(clocks: int, now: datetime) -> None:
    due = now - timedelta(minutes=1)
    for number in range(clocks):
        on_cron(f"{due:%M %H} * * *", name=f"clock_{number:03}", at=due - timedelta(minutes=1), catch_up=600)


def _customer(number: int) -> dict[str, str]:
    rep = factories.SalesRepFactory(name=f"Rep {number}", email=f"rep-{number}@example.org")
    row = company.customer(f"School {number:05}", sales_rep=rep.pk, email=f"school-{number}@example.org")
    owed = factories.TransactionFactory(customer_id=row.pk, foreigntotal=Decimal("100.00"), overdue=10)
    return {"id": row.pk, "name": row.companyname, "email": row.email, "rep": rep.email, "invoice": owed.tranid}
