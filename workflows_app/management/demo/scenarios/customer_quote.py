"""A quote drafted by chat: the draft approved, the writes approved, the letter with the PDF approved."""

from collections.abc import Sequence
from decimal import Decimal

from approvals.principals import Principal
from workflows_app.delivery import artifacts
from workflows_app.management.demo.outcome import Outcome, fact
from workflows_app.management.demo.world import World
from workflows_app.models import (
    Customer,
    CustomerProfile,
    PricingMaster,
    Quote,
    QuoteLine,
    SpecItem,
    WorkflowRun,
)
from workflows_app.triggers import quote_draft

ITEMS = 6
PRICE = Decimal("41.25")
YEAR = "2031-32"  # no price is on file for it yet, so that every source of prices takes part


class CustomerQuote:
    """The workflow `customer_quote`, by way of `quote_draft`."""

    workflow_type = "customer_quote"

    def play(self, world: World) -> Sequence[WorkflowRun]:
        """The draft, its approval, the run that this starts, its approval, the letter's approval."""
        codes = list(SpecItem.objects.filter(active=True, list_price__gt=0).order_by("pk").values_list("pk", flat=True))
        wish = {
            "customer_id": self._customer().pk,
            "item_codes": codes[:ITEMS],
            "school_year": YEAR,
            "prices": [{"item_code": codes[0], "case_price": str(PRICE)}],
        }
        draft = quote_draft.propose(wish, principal=Principal.machine("mcp")).run
        world.approve_all(draft.pk)
        run = WorkflowRun.objects.filter(workflow_type=self.workflow_type).latest("queued_at")
        world.approve_all(run.pk, step="")
        world.approve_all(run.pk, step="send_email")
        return [draft, run]

    def outcomes(self, world: World, run: WorkflowRun) -> list[Outcome]:
        """One quote with its lines, price, PDF, letter, estimate and touch."""
        customer = self._customer()
        ids = list(Quote.objects.filter(customer_id=customer.pk, school_year=YEAR).values_list("pk", flat=True))
        price = PricingMaster.objects.filter(customer_id=customer.pk, school_year=YEAR, case_price=PRICE)
        touched = CustomerProfile.objects.filter(pk=customer.pk, last_quote_event__gte=run.queued_at)
        return [
            fact("write_quote", "quotes", 1, lambda: len(ids)),
            fact("write_quote", "quote lines", ITEMS, QuoteLine.objects.filter(quote_id__in=ids).count),
            fact("write_quote", "prices promoted", 1, price.count),
            fact("render_pdf", "PDFs stored", 1, lambda: sum(_pdf(quote_id) for quote_id in ids)),
            fact("send_email", "letters with that PDF", 1, lambda: _letters(world, customer, ids)),
            fact("ns_push", "estimate lines in NetSuite", ITEMS, lambda: _estimate_lines(world, ids)),
            fact("ar_forecast_touch", "profiles touched", 1, touched.count),
        ]

    def _customer(self) -> Customer:
        return (
            Customer.objects.filter(entitystatus="active", email__contains="@", ns_id__isnull=False)
            .filter(pk__in=CustomerProfile.objects.values("pk"))
            .order_by("pk")[0]
        )


def _pdf(quote_id: str) -> bool:
    return artifacts.read(f"quotes/{quote_id}.pdf").startswith(b"%PDF-")


def _letters(world: World, customer: Customer, ids: list[str]) -> int:
    stored = {artifacts.sha256_of(f"quotes/{quote_id}.pdf") for quote_id in ids}
    return sum(bool(stored & set(letter.attachments)) for letter in world.letters(customer.email or ""))


def _estimate_lines(world: World, ids: list[str]) -> int:
    found = world.netsuite.records("estimate")
    return sum(len(estimate["item"]["items"]) for estimate in found if estimate.get("externalId") in ids)
