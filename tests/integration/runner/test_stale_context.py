"""Data that changes behind a card: each check and each effect of two workflows, before and after the decision.

What Mike approves is what happens: the run is blocked or gets a new card, and nothing is applied (DESIGN.md section 3).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from approvals.models import ProposedAction
from tests import factories
from tests.company import customer, item, quote_request
from tests.world import World, changed, snapshot, status
from workflows_app.models import (
    Customer,
    CustomerProfile,
    ItemCost,
    PaymentTerm,
    PricingMaster,
    PricingTier,
    ProposedPricing,
    Quote,
    SalesRep,
    SpecItem,
    WorkflowRun,
)

Change = Callable[[], object]
TODAY = datetime.now(UTC).date()
FORM = {
    "company_name": "Lakeside",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd",
    "terms": "Net 45",
    "sales_rep": "Åsa Berg",
    "pricing_tier": "school",
}
MOMENTS = pytest.mark.parametrize("moment", ["before the decision", "after the decision"])


def disturb(world: World, run: WorkflowRun, moment: str, change: Change) -> dict[str, int]:
    """Change the data at that moment, approve and work; the rows that this brought about beside the change."""
    assert run.status == "awaiting_approval"
    gate = world.gate(run)
    if moment == "after the decision":
        assert world.decide(gate).outcome == "approved"
    change()
    before = snapshot()
    if moment == "before the decision":
        world.decide(gate)
    world.work()
    return changed(before)


def assert_blocked(run: WorkflowRun, gate: ProposedAction) -> None:
    gate.refresh_from_db()
    assert (status(run), gate.status) == ("blocked", "closed")
    assert run.error
    assert gate.closed_reason
    assert not run.steps.exists()


def assert_superseded(world: World, run: WorkflowRun, gate: ProposedAction) -> None:
    gate.refresh_from_db()
    new = world.gate(run)
    assert (status(run), run.plan_revision, gate.status) == ("awaiting_approval", 2, "superseded")
    assert (new.status, new.supersedes_id) == ("pending", gate.pk)
    assert new.difference != "[]"
    assert not run.steps.exists()


# --- new_customer -----------------------------------------------------------------------------------------------------


@pytest.fixture
def intake(world: World) -> WorkflowRun:
    """A new customer at the gate, with every optional value on file."""
    factories.PaymentTermFactory(name="Net 30")
    factories.PaymentTermFactory(name="Net 45", days=45)
    factories.SalesRepFactory(name="Åsa Berg")
    factories.PricingTierFactory(tier="school", discount_pct=Decimal("5.00"))
    return world.start("new_customer", FORM)


def _bought() -> None:
    """The tier has its first best seller."""
    buyer = factories.CustomerFactory(school=True, companyname="Elm")
    order = factories.TransactionFactory(order=True, customer_id=buyer.pk, trandate=TODAY)
    factories.TransactionLineFactory(transaction_id=order.pk, item_code=factories.SpecItemFactory().pk)


INTAKE_BLOCKS: dict[str, Change] = {
    "no_duplicate by name": lambda: factories.CustomerFactory(companyname="LAKESIDE"),
    "no_duplicate by email": lambda: factories.CustomerFactory(email="OFFICE@lakeside.example.org"),
}
INTAKE_CHANGES: dict[str, Change] = {
    "similar_name": lambda: factories.CustomerFactory(companyname="Lakeside North"),
    "terms_known": lambda: PaymentTerm.objects.filter(name="Net 45").delete(),
    "sales_rep_known": lambda: SalesRep.objects.all().delete(),
    "pricing_tier_known": lambda: PricingTier.objects.all().delete(),
    "customers.terms_id": lambda: PaymentTerm.objects.filter(name="Net 45").update(id="77"),
    "customers.sales_rep": lambda: SalesRep.objects.update(id="78"),
    "customers.pricing_tier": lambda: PricingTier.objects.update(tier="SCHOOL"),
    "customer_profiles.first_quote_context": lambda: PricingTier.objects.update(discount_pct=Decimal("6.00")),
    "customer_profiles.best_sellers": _bought,
    "netsuite terms": lambda: PaymentTerm.objects.filter(name="Net 45").update(ns_id="79"),
    "netsuite sales rep": lambda: SalesRep.objects.update(ns_id="80"),
}


@MOMENTS
@pytest.mark.parametrize("what", INTAKE_BLOCKS)
def test_a_customer_who_exists_by_now_is_not_created(world: World, intake: WorkflowRun, what: str, moment: str) -> None:
    gate = world.gate(intake)

    written = disturb(world, intake, moment, INTAKE_BLOCKS[what])

    assert written == {}
    assert_blocked(intake, gate)


@MOMENTS
@pytest.mark.parametrize("what", INTAKE_CHANGES)
def test_a_new_customer_whose_data_changed_needs_a_new_card(
    world: World, intake: WorkflowRun, what: str, moment: str
) -> None:
    gate = world.gate(intake)

    written = disturb(world, intake, moment, INTAKE_CHANGES[what])

    assert written == {}
    assert_superseded(world, intake, gate)


@MOMENTS
def test_a_warning_that_has_another_reason_now_needs_a_new_card(world: World, moment: str) -> None:
    customer("Lakeside Dairy")
    intake = world.start("new_customer", FORM)
    gate = world.gate(intake)

    written = disturb(world, intake, moment, lambda: customer("Lakeside Foods"))

    assert written == {}
    assert_superseded(world, intake, gate)
    assert "2 elements" in world.gate(intake).difference


# --- customer_quote ---------------------------------------------------------------------------------------------------


@pytest.fixture
def quote(world: World) -> WorkflowRun:
    """A revision at the gate: one item at list price, one with an open price that replaces one in force."""
    item("MILK", "20.00", ns_id="501")
    item("RICE", "30.00", ns_id="502")
    oak = customer("Oak School")
    factories.PricingMasterFactory(customer_id=oak.pk, item_code="RICE", case_price=Decimal("29.00"))
    factories.ProposedPricingFactory(customer_id=oak.pk, item_code="RICE", case_price=Decimal("28.00"))
    old = factories.QuoteFactory(customer_id=oak.pk, sent=True, catalog="Autumn")
    return world.start("customer_quote", quote_request(oak, "MILK", "RICE", quote_id=old.pk))


def _milk(**values: object) -> Change:
    return lambda: SpecItem.objects.filter(pk="MILK").update(**values)


def _costs(cost: str) -> Change:
    return lambda: ItemCost.objects.filter(item_code="MILK").update(cost=Decimal(cost))


QUOTE_BLOCKS: dict[str, Change] = {
    "customer_exists": lambda: Customer.objects.all().delete(),
    "customer_not_on_hold": lambda: Customer.objects.update(entitystatus="hold"),
    "items_priced": _milk(list_price=None),
    "items_priced, none left": lambda: SpecItem.objects.all().delete(),
    "quote_revisable, accepted": lambda: Quote.objects.update(lifecycle_status="accepted"),
    "quote_revisable, given away": lambda: Quote.objects.update(customer_id="7"),
    "quote_revisable, gone": lambda: Quote.objects.all().delete(),
}
QUOTE_CHANGES: dict[str, Change] = {
    "items_resolved": lambda: SpecItem.objects.filter(pk="MILK").delete(),
    "margin_floor": _costs("19.00"),
    "items_active": _milk(active=False),
    "quotes.total": _milk(list_price=Decimal("21.00")),
    "quotes.revision": lambda: Quote.objects.update(revision=2),
    "quotes.catalog": lambda: Quote.objects.update(catalog="Winter"),
    "quotes.lifecycle_status": lambda: Quote.objects.update(lifecycle_status="expired"),
    "quote_lines.description": _milk(description="Oat milk"),
    "quote_lines.pack_size": _milk(pack_size="1/1 gal"),
    "quote_lines.cost_basis": _costs("10.50"),
    "quote_lines.price_source": lambda: factories.ProposedPricingFactory(
        customer_id=Customer.objects.get().pk, item_code="MILK", case_price=Decimal("20.00")
    ),
    "proposed_pricing.case_price": lambda: ProposedPricing.objects.update(case_price=Decimal("27.00")),
    "proposed_pricing.status": lambda: ProposedPricing.objects.update(status="dropped"),
    "proposed_pricing, gone": lambda: ProposedPricing.objects.all().delete(),
    "pricing_master.case_price": lambda: PricingMaster.objects.update(case_price=Decimal("31.00")),
    "pricing_master, gone": lambda: PricingMaster.objects.all().delete(),
    "customer_profiles, gone": lambda: CustomerProfile.objects.all().delete(),
    "netsuite item": _milk(ns_id="503"),
}


@MOMENTS
@pytest.mark.parametrize("what", QUOTE_BLOCKS)
def test_a_quote_that_may_not_be_written_any_more_is_blocked(
    world: World, quote: WorkflowRun, what: str, moment: str
) -> None:
    gate = world.gate(quote)

    written = disturb(world, quote, moment, QUOTE_BLOCKS[what])

    assert written == {}
    assert_blocked(quote, gate)


@MOMENTS
@pytest.mark.parametrize("what", QUOTE_CHANGES)
def test_a_quote_whose_data_changed_needs_a_new_card(world: World, quote: WorkflowRun, what: str, moment: str) -> None:
    gate = world.gate(quote)

    written = disturb(world, quote, moment, QUOTE_CHANGES[what])

    assert written == {}
    assert_superseded(world, quote, gate)


@MOMENTS
def test_a_letter_is_drafted_to_the_address_of_now(world: World, quote: WorkflowRun, moment: str) -> None:
    """It gets a decision of its own, so the gate need not be asked again."""
    disturb(world, quote, moment, lambda: Customer.objects.update(email="new@example.org"))

    assert status(quote) == "completed"
    assert '"to":"new@example.org"' in world.leaf(quote, "send_email").effects


@MOMENTS
def test_what_has_nothing_to_do_with_the_quote_does_not_disturb_it(
    world: World, quote: WorkflowRun, moment: str
) -> None:
    disturb(world, quote, moment, lambda: (customer("Elm School"), item("PEAR"), factories.QuoteFactory()))

    assert status(quote) == "completed"


def test_a_card_may_be_superseded_more_than_once(world: World, quote: WorkflowRun) -> None:
    _milk(list_price=Decimal("21.00"))()
    world.decide(world.gate(quote))
    world.decide(world.gate(quote))
    _milk(list_price=Decimal("22.00"))()
    world.work()

    world.approve(world.gate(quote))

    assert (status(quote), quote.plan_revision) == ("completed", 3)
    assert Quote.objects.get().total == Decimal("50.00")
