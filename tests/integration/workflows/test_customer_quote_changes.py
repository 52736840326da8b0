"""Customer quote: prices that change under the card, edits, revisions."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from approvals.canonical import parse
from tests import factories
from tests.company import YEAR, customer, item, quote_request
from tests.world import World, changed, failed_checks, planned, snapshot, status
from workflows_app.models import (
    Customer,
    PendingPush,
    PricingMaster,
    Quote,
    QuoteLine,
)


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, and two items at 20.00 and 30.00."""
    item("MILK", "20.00")
    item("RICE", "30.00", cost="21.00")
    return customer("Oak School")


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
