"""Customer quote: checks, prices, the rows of the quote, its PDF, its letter and its push."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from approvals.canonical import parse
from tests import factories
from tests.company import YEAR, customer, item, quote_request
from tests.world import World, changed, checks, failed_checks, planned, skipped, snapshot, steps
from workflows_app.delivery import artifacts
from workflows_app.models import (
    Customer,
    CustomerProfile,
    OutboundEmail,
    PendingPush,
    PricingMaster,
    ProposedPricing,
    Quote,
    QuoteLine,
    VerifyResult,
    WorkflowRun,
)


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and two items at 20.00 and 30.00."""
    item("MILK", "20.00")
    item("RICE", "30.00", cost="21.00")
    return customer("Oak School")


def details(run: WorkflowRun) -> dict[str, str]:
    return {check["check"]: check["detail"] for check in parse(run.checks)}


def test_a_customer_on_hold_gets_no_quote(world: World, oak: Customer) -> None:
    Customer.objects.filter(pk=oak.pk).update(entitystatus="hold")

    run = world.start("customer_quote", quote_request(oak, "MILK"))

    assert run.status == "blocked"
    assert failed_checks(run) == ["customer_not_on_hold"]


def test_an_unknown_customer_gets_no_quote(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", {**quote_request(oak, "MILK"), "customer_id": "nobody"})

    assert run.status == "blocked"
    assert "customer_exists" in failed_checks(run)


def test_an_unknown_item_warns_by_its_code_and_is_left_out(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK", "GHOST-7"))

    assert run.status == "awaiting_approval"
    assert failed_checks(run) == ["items_resolved"]
    assert "GHOST-7" in details(run)["items_resolved"]
    assert "MILK" not in details(run)["items_resolved"]
    lines = [
        effect["values"]["item_code"] for effect in planned(run, "write_quote") if effect["table"] == "quote_lines"
    ]
    assert lines == ["MILK"]


def test_an_item_without_a_price_blocks(world: World, oak: Customer) -> None:
    item("TRUFFLE", None)

    run = world.start("customer_quote", quote_request(oak, "MILK", "TRUFFLE"))

    assert run.status == "blocked"
    assert failed_checks(run) == ["margin_floor", "items_priced", "prices_above_zero"]
    assert "TRUFFLE" in details(run)["items_priced"]


def test_an_item_that_would_be_free_blocks(world: World, oak: Customer) -> None:
    item("GIFT", "0.00")

    run = world.start("customer_quote", quote_request(oak, "MILK", "GIFT"))

    assert run.status == "blocked"
    assert failed_checks(run) == ["margin_floor", "prices_above_zero"]
    assert "GIFT" in details(run)["prices_above_zero"]
    assert "MILK" not in details(run)["prices_above_zero"]


@pytest.mark.parametrize("price", ["0.00", "-4.00"])
@pytest.mark.parametrize(
    "factory", [factories.PricingMasterFactory, factories.ProposedPricingFactory, factories.QuoteLineFactory]
)
def test_the_database_holds_no_price_of_nothing(oak: Customer, factory: Any, price: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        factory(case_price=Decimal(price))


def test_a_quote_with_no_known_item_blocks(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "GHOST-7"))

    assert run.status == "blocked"
    assert "items_priced" in failed_checks(run)


@pytest.mark.parametrize(("cost", "passes"), [("17.00", True), ("17.01", False)])
def test_the_margin_floor_is_fifteen_percent(world: World, oak: Customer, cost: str, passes: bool) -> None:
    item("BEAN", "20.00", cost=cost)

    run = world.start("customer_quote", quote_request(oak, "BEAN"))

    assert checks(run)["margin_floor"] is passes
    assert run.status == "awaiting_approval"


def test_approving_writes_the_quote_with_its_lines_and_pushes_them(world: World, oak: Customer) -> None:
    before = snapshot()

    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK", "RICE"))

    assert run.status == "completed"
    assert changed(before) == {"quotes": 1, "quote_lines": 2, "customer_profiles": 1, "ns_pending_pushes": 1}
    quote, push = Quote.objects.get(), PendingPush.objects.get()
    assert (quote.total, quote.revision, quote.lifecycle_status) == (Decimal("50.00"), 1, "proposed")
    assert sum(line.case_price for line in QuoteLine.objects.filter(quote_id=quote.pk)) == quote.total
    assert (push.external_id, push.record_type) == (quote.pk, "estimate")
    assert [line["rate"] for line in parse(push.payload)["item"]["items"]] == ["20.00", "30.00"]
    assert CustomerProfile.objects.get(pk=oak.pk).last_quote_event is not None


def test_without_pdf_nothing_is_rendered_and_the_letter_is_drafted(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    letter = parse(world.leaf(run, "send_email").effects)["on_approve"][0]
    assert steps(run)["render_pdf"] == "skipped"
    assert steps(run)["send_email"] == "done"
    assert letter["attachments"] == []
    assert VerifyResult.objects.get(run=run, name="pdf_stored").status == "not_applicable"


@pytest.mark.django_db(transaction=True)
def test_the_pdf_is_rendered_stored_attached_and_sent_once(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK", include_pdf=True))
    world.approve(world.leaf(run, "send_email"))
    world.deliver()

    quote = Quote.objects.get()
    content = artifacts.read(f"quotes/{quote.pk}.pdf")
    [message] = mail.outbox
    assert quote.pdf_key == f"quotes/{quote.pk}.pdf"
    assert content.startswith(b"%PDF-")
    assert [bytes(attachment[1]) for attachment in message.attachments] == [content]
    assert quote.lifecycle_status == "sent"


def test_sending_the_letter_makes_the_quote_sent(world: World, oak: Customer) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    world.approve(world.leaf(run, "send_email"))
    assert Quote.objects.get().lifecycle_status == "proposed"
    world.deliver()

    assert Quote.objects.get().lifecycle_status == "sent"
    assert OutboundEmail.objects.get().related_quote_id == Quote.objects.get().pk


def test_an_open_price_is_used_and_promoted(world: World, oak: Customer) -> None:
    offered = factories.ProposedPricingFactory(customer_id=oak.pk, item_code="MILK", case_price=Decimal("18.50"))

    world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    master = PricingMaster.objects.get(customer_id=oak.pk, item_code="MILK", school_year=YEAR)
    assert Quote.objects.get().total == Decimal("18.50")
    assert master.case_price == Decimal("18.50")
    assert ProposedPricing.objects.get(pk=offered.pk).status == "promoted"


def test_promoting_replaces_the_price_that_was_in_force(world: World, oak: Customer) -> None:
    master = factories.PricingMasterFactory(customer_id=oak.pk, item_code="MILK")
    factories.ProposedPricingFactory(customer_id=oak.pk, item_code="MILK", case_price=Decimal("18.50"))

    world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    assert PricingMaster.objects.get().pk == master.pk
    assert PricingMaster.objects.get().case_price == Decimal("18.50")


# --- the letter's own recheck -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"entitystatus": "hold"}, {"email": "elsewhere@example.org"}])
def test_a_letter_whose_customer_changed_is_closed(world: World, oak: Customer, change: dict[str, str]) -> None:
    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    Customer.objects.filter(pk=oak.pk).update(**change)

    result = world.approve(world.leaf(run, "send_email"))
    world.deliver()

    assert result.outcome == "closed"
    assert mail.outbox == []


def test_a_customer_without_an_address_gets_no_letter(world: World, oak: Customer) -> None:
    Customer.objects.filter(pk=oak.pk).update(email=None)

    run = world.through_the_gate("customer_quote", quote_request(oak, "MILK"))

    assert run.status == "completed"
    assert "no email address" in skipped(run, "send_email")
