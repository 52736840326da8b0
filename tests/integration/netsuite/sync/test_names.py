"""Names that NetSuite uses twice: no pass stops, no row changes hands, and every record is there."""

import pytest

from tests import factories
from tests.integration.netsuite.sync.books import Books, synced
from tests.sandbox import Hands
from workflows_app.models import Customer, PaymentTerm, SpecItem
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, NIGHTLY


def codes() -> dict[str | None, str]:
    """Our codes by NetSuite's ids."""
    return dict(SpecItem.objects.values_list("ns_id", "item_code"))


@pytest.mark.parametrize("kind", [CHANGES, FULL, NIGHTLY])
def test_an_item_that_is_renamed_and_replaced_keeps_its_row_and_the_new_one_gets_its_own(
    books: Books, hands: Hands, kind: str
) -> None:
    old = books.item("APPLE")
    synced(FULL)
    hands.forward()
    books.client.update("inventoryItem", old, {"itemId": "APPLE-OLD"})
    new = books.item("APPLE", 99.0)
    books.customer()

    synced(kind)
    synced(kind)

    assert codes() == {old: "APPLE", new: f"APPLE-{new}"}
    assert Customer.objects.count() == 1


def test_a_new_item_never_takes_over_the_row_of_another(books: Books) -> None:
    new = books.item("APPLE")
    factories.SpecItemFactory(item_code="APPLE", ns_id=f"9{new}", description="The old one")

    synced()

    assert codes() == {f"9{new}": "APPLE", new: f"APPLE-{new}"}
    assert SpecItem.objects.get(item_code="APPLE").description == "The old one"


def test_a_row_that_netsuite_does_not_know_yet_is_found_by_its_name(books: Books) -> None:
    factories.SpecItemFactory(item_code="APPLE", ns_id=None)
    ns_id = books.item("APPLE")

    synced()

    assert codes() == {ns_id: "APPLE"}


def test_two_items_whose_codes_begin_alike_are_two_rows(books: Books) -> None:
    first, second = books.item("APPLE-" * 8 + "1"), books.item("APPLE-" * 8 + "2")

    synced()
    synced()

    long = "APPLE-" * 8
    assert codes() == {first: long[:40], second: f"{long[: 39 - len(second)]}-{second}"}


def test_two_terms_with_one_name_are_two_rows(books: Books) -> None:
    first, second = books.term("Net 30", 30), books.term("Net 30", 31)

    synced()
    again = synced()

    rows = PaymentTerm.objects.values_list("ns_id", "name", "days")
    assert set(rows) == {(first, "Net 30", 30), (second, f"Net 30-{second}", 31)}
    assert again.rows_upserted == 0


def test_two_terms_may_change_names(books: Books) -> None:
    first, second = books.term("Net 30", 30), books.term("Net 45", 45)
    synced()
    books.client.update("term", first, {"name": "Net 45"})
    books.client.update("term", second, {"name": "Net 30"})

    synced()
    synced()

    assert dict(PaymentTerm.objects.values_list("ns_id", "name")) == {first: "Net 45", second: "Net 30"}


def test_a_row_whose_key_is_the_id_of_another_record_stays_what_it_is(books: Books, sandbox: Sandbox) -> None:
    ns_id = books.term("Net 45", 45)
    factories.PaymentTermFactory(id=ns_id, ns_id=f"9{ns_id}", name="Net 30")

    synced()

    assert set(PaymentTerm.objects.values_list("id", "ns_id", "name")) == {
        (ns_id, f"9{ns_id}", "Net 30"),
        (f"{ns_id}-{ns_id}", ns_id, "Net 45"),
    }
