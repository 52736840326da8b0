"""Customer quote: checks, prices, the rows of the quote, its PDF, its letter and its push."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core import mail

from approvals.canonical import parse
from tests import factories
from tests.company import YEAR, customer, item, quote_request
from tests.world import World, changed, checks, failed_checks, planned, skipped, snapshot, status, steps
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
    assert failed_checks(run) == ["margin_floor", "items_priced"]
    assert "TRUFFLE" in details(run)["items_priced"]


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


# --- a price that changes under the card ------------------------------------------------------------------------------


def price_of(oak: Customer, price: str) -> None:
    """The price in force becomes this."""
    PricingMaster.objects.update_or_create(
        customer_id=oak.pk,
        item_code="MILK",
        school_year=YEAR,
        defaults={"case_price": Decimal(price), "effective_from": datetime.now(UTC).date()},
    )


def test_a_price_changed_before_the_decision_supersedes_the_quote(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    old = world.gate(run)
    price_of(oak, "24.00")
    before = snapshot()

    result = world.approve(old)

    new = world.gate(run)
    assert result.outcome == "superseded"
    assert result.replacement_id == new.pk != old.pk
    assert (status(run), run.plan_revision, new.plan_revision) == ("awaiting_approval", 2, 2)
    assert new.supersedes_id == old.pk
    assert changed(before) == {}


def test_the_new_card_names_the_price_that_changed(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    price_of(oak, "24.00")

    world.approve(world.gate(run))

    difference = parse(world.gate(run).difference)
    [price] = [change for change in difference if change["where"].endswith("case_price")]
    assert (price["was"], price["now"]) == ("20.00", "24.00")
    assert any(change["where"].endswith("total") for change in difference)


def test_a_price_changed_after_the_decision_supersedes_the_quote(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    old = world.gate(run)
    assert world.decide(old).outcome == "approved"
    price_of(oak, "24.00")
    before = snapshot()

    world.work()

    old.refresh_from_db()
    new = world.gate(run)
    assert (status(run), run.plan_revision) == ("awaiting_approval", 2)
    assert (old.status, new.status) == ("superseded", "pending")
    assert "24.00" in new.difference
    assert changed(before) == {}
    assert not run.steps.exists()


def test_the_old_card_cannot_be_approved_any_more(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    old = world.gate(run)
    price_of(oak, "24.00")
    world.approve(old)

    result = world.approve(old)

    assert result.outcome == "refused"
    assert "Superseded" in result.message
    assert not Quote.objects.exists()


def test_the_old_digest_does_not_approve_the_new_card(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    old = world.gate(run)
    price_of(oak, "24.00")
    world.approve(old)

    result = world.decide(world.gate(run), digest=old.digest)

    assert result.outcome == "refused"


@pytest.mark.parametrize("late", [False, True])
def test_approving_the_new_card_applies_the_new_price(world: World, oak: Customer, late: bool) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    if late:
        world.decide(world.gate(run))
    price_of(oak, "24.00")
    world.work() if late else world.approve(world.gate(run))

    result = world.approve(world.gate(run))

    assert result.outcome == "approved"
    assert status(run) == "completed"
    assert Quote.objects.get().total == Decimal("24.00")
    assert PendingPush.objects.get().digest == world.gate(run).digest


# --- edits ------------------------------------------------------------------------------------------------------------


def test_editing_a_line_price_makes_a_new_card_that_agrees_with_itself(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK", "RICE"))
    old = world.gate(run)

    result = world.edit(old, "line:MILK", "case_price", "19.00")

    new = world.gate(run)
    quote, *rows = planned(run, "write_quote")
    [push] = planned(run, "ns_push")
    assert result.outcome == "superseded"
    assert (result.replacement_id, new.supersedes_id, run.plan_revision) == (new.pk, old.pk, 2)
    assert quote["values"]["total"] == "49.00"
    assert [row["values"]["case_price"] for row in rows if row["table"] == "quote_lines"] == ["19.00", "30.00"]
    assert [line["rate"] for line in push["record"]["item"]["items"]] == ["19.00", "30.00"]
    assert new.amount == Decimal("49.00")
    assert "19.00" in new.difference


def test_an_edited_quote_is_what_is_applied(world: World, oak: Customer) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK", "RICE"))
    world.edit(world.gate(run), "line:MILK", "case_price", "19.00")

    world.approve(world.gate(run))

    assert status(run) == "completed"
    assert Quote.objects.get().total == Decimal("49.00")


@pytest.mark.parametrize(
    ("item_name", "field", "value"),
    [
        ("line:MILK", "case_price", "free"),
        ("line:MILK", "case_price", "-1"),
        ("line:MILK", "cost_basis", "1.00"),
        ("line:GHOST", "case_price", "1.00"),
        ("customer:1", "email", "thief@example.org"),
        ("cs-quo-1", "total", "1.00"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(
    world: World, oak: Customer, item_name: str, field: str, value: str
) -> None:
    run = world.start("customer_quote", quote_request(oak, "MILK"))
    card = world.gate(run)

    result = world.edit(card, item_name, field, value)

    assert result.outcome == "refused"
    assert world.gate(run).pk == card.pk
    assert world.gate(run).status == "pending"


# --- revisions --------------------------------------------------------------------------------------------------------


def test_a_revision_keeps_the_quote_and_gives_it_lines_of_its_own(world: World, oak: Customer) -> None:
    world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    quote = Quote.objects.get()

    run = world.through_the_gate("customer_quote", quote_request(oak, "RICE", quote_id=quote.pk))

    quote.refresh_from_db()
    lines = QuoteLine.objects.filter(quote_id=quote.pk)
    assert run.status == "completed"
    assert (Quote.objects.count(), quote.revision, quote.total) == (1, 2, Decimal("30.00"))
    assert sorted(lines.values_list("revision", "item_code")) == [(1, "MILK"), (2, "RICE")]
    assert set(PendingPush.objects.values_list("external_id", flat=True)) == {quote.pk}


def test_a_quote_of_another_customer_cannot_be_revised(world: World, oak: Customer) -> None:
    world.through_the_gate("customer_quote", quote_request(oak, "MILK"))
    other = customer("Elm School")

    run = world.start("customer_quote", quote_request(other, "MILK", quote_id=Quote.objects.get().pk))

    assert run.status == "blocked"
    assert failed_checks(run) == ["quote_revisable"]


def test_an_accepted_quote_cannot_be_revised(world: World, oak: Customer) -> None:
    quote = factories.QuoteFactory(customer_id=oak.pk, lifecycle_status="accepted")

    run = world.start("customer_quote", quote_request(oak, "MILK", quote_id=quote.pk))

    assert failed_checks(run) == ["quote_revisable"]


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
