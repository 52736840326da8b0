"""A day at the office in the configured database: some runs done, some decisions waiting (`python -m` this).

The demo's own scenarios, played to their ends or left where mike has not decided yet.
"""

import os
from dataclasses import dataclass
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.test.utils import override_settings  # noqa: E402

from tests.functional.console.edges import fill_edges  # noqa: E402
from workflows_app.management.demo.play import play  # noqa: E402
from workflows_app.management.demo.scenarios.anomaly_remediation import AnomalyRemediation  # noqa: E402
from workflows_app.management.demo.scenarios.ar_aging_action_plan import ArAgingActionPlan  # noqa: E402
from workflows_app.management.demo.scenarios.customer_invoice_dispute import CustomerInvoiceDispute  # noqa: E402
from workflows_app.management.demo.scenarios.customer_quote import CustomerQuote  # noqa: E402
from workflows_app.management.demo.scenarios.new_customer import NewCustomer  # noqa: E402
from workflows_app.management.demo.world import World, opened  # noqa: E402
from workflows_app.models import Customer, SpecItem, Transaction  # noqa: E402


@dataclass(frozen=True, kw_only=True)
class Gates(World):
    """Mike approves what a run is to do, and has not come to its letters and holds yet."""

    def approve_all(self, run_id: str, **conditions: Any) -> int:
        """Gates only."""
        return super().approve_all(run_id, **conditions) if conditions.get("step") == "" else 0


def fill() -> None:
    """Three workflows to their ends, two half way, one decision of each kind that starts by hand, and the edges."""
    artifacts = settings.MEDIA_ROOT
    with opened() as world, override_settings(MEDIA_ROOT=artifacts):
        for scenario in (NewCustomer(), CustomerQuote(), CustomerInvoiceDispute()):
            play(scenario, world)
        gates = Gates(mike=world.mike, mailbox=world.mailbox, netsuite=world.netsuite)
        for scenario in (ArAgingActionPlan(), AnomalyRemediation()):
            play(scenario, gates)
        _begin(world)
        fill_edges(world)


def _begin(world: World) -> None:
    world.start(
        "new_customer",
        {
            "company_name": "Maple Ridge Union School District",
            "contact_email": "kitchen@mapleridge.example",
            "billing_address": "77 Orchard Lane\nRutland, VT 05701",
            "credit_limit": "12000",
        },
    )
    customer = Customer.objects.filter(entitystatus="active", email__contains="@", ns_id__isnull=False).order_by("pk")[
        1
    ]
    codes = SpecItem.objects.filter(active=True, list_price__gt=0).order_by("pk").values_list("pk", flat=True)
    draft = {"customer_id": customer.pk, "item_codes": list(codes[:8]), "school_year": "2027-28"}
    for years in ("2027-28", "2028-29"):
        started = world.start("quote_draft", {**draft, "school_year": years})
    world.approve_all(started.pk)
    invoice = Transaction.objects.filter(customer_id=customer.pk, type="CustInvc").latest("trandate")
    reason = "Two cases of the frozen peas arrived thawed, and we were billed for both."
    world.start(
        "customer_invoice_dispute",
        {
            "email_uuid": "a-morning-mail",
            "customer_id": customer.pk,
            "invoice_ref": invoice.tranid,
            "reason_text": reason,
        },
    )


if __name__ == "__main__":
    fill()
