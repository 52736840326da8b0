"""Laws of applying: what is planned is what is written, once, and never over somebody else's value."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.canonical import canonical, parse
from tests.factories import SpecItemFactory
from tests.integration.effects.context import NOW, context
from workflows_app.effects.apply import apply_effects
from workflows_app.effects.data import NOW as PLACEHOLDER
from workflows_app.effects.errors import EffectError
from workflows_app.models import CustomerProfile, Event, OutboundEmail, PendingPush, SpecItem
from workflows_app.reading.rows import matching

pytestmark = pytest.mark.django_db
law = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
PRICES = st.decimals(Decimal("0.00"), Decimal("99999.99"), places=2).map(lambda value: f"{value:.2f}")
VALUES = st.fixed_dictionaries(
    {
        "description": TEXTS,
        "pack_size": TEXTS,
        "list_price": st.none() | PRICES,
        "active": st.booleans(),
        "vendor_id": st.none() | st.from_regex(r"[0-9]{1,9}", fullmatch=True),
    }
)


@contextmanager
def undone() -> Iterator[None]:
    """Each example starts from the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def insert(values: dict[str, Any], key: str = "MILK") -> dict[str, Any]:
    return {"kind": "row.insert", "table": "spec_items", "id": key, "values": values}


def update(was: dict[str, Any], new: dict[str, Any], key: str = "MILK") -> dict[str, Any]:
    return {"kind": "row.update", "table": "spec_items", "id": key, "set": new, "was": was}


def upsert(was: dict[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    match = {"item_code": "MILK"}
    return {"kind": "row.upsert", "table": "spec_items", "id": "MILK", "match": match, "set": new, "was": was}


def run(*effects: Any) -> None:
    """Apply in a savepoint, as a step does."""
    with transaction.atomic():
        apply_effects(effects, context())


@law
@given(values=VALUES)
def test_what_is_planned_is_what_is_read_afterwards(values: dict[str, Any]) -> None:
    with undone():
        run(insert(values))

        [row] = matching("spec_items", {"item_code": "MILK"})
        assert canonical({name: row[name] for name in values}) == canonical(values)


@law
@given(values=VALUES)
def test_inserting_again_is_refused(values: dict[str, Any]) -> None:
    with undone():
        run(insert(values))

        with pytest.raises(EffectError) as refused:
            run(insert(values))

        assert refused.value.permanent
        assert SpecItem.objects.filter(pk="MILK").count() == 1


@law
@given(planned=st.none() | VALUES, found=VALUES, new=VALUES)
def test_an_update_never_overwrites_what_it_did_not_read(
    planned: dict[str, Any] | None, found: dict[str, Any], new: dict[str, Any]
) -> None:
    planned = found if planned is None else planned
    with undone():
        run(insert(found))
        [before] = matching("spec_items", {"item_code": "MILK"})
        refused = False

        try:
            run(update(planned, new))
        except EffectError as error:
            refused = error.permanent

        [after] = matching("spec_items", {"item_code": "MILK"})
        assert refused is (planned != found)
        assert after == (before if refused else {**before, **new})


@law
@given(found=VALUES, new=VALUES)
def test_an_upsert_that_expected_no_row_changes_none(found: dict[str, Any], new: dict[str, Any]) -> None:
    with undone():
        run(insert(found))
        before = matching("spec_items", {"item_code": "MILK"})

        with pytest.raises(EffectError):
            run(upsert(None, new))

        assert matching("spec_items", {"item_code": "MILK"}) == before


@law
@given(new=VALUES)
def test_an_upsert_of_a_new_row_inserts_it(new: dict[str, Any]) -> None:
    with undone():
        run(upsert(None, new))

        [row] = matching("spec_items", {"item_code": "MILK"})
        assert {name: row[name] for name in new} == new


def test_an_update_says_which_value_is_no_longer_there() -> None:
    SpecItemFactory(item_code="MILK", list_price=Decimal("21.00"))

    with pytest.raises(EffectError, match=r"changed meanwhile: list_price is 21\.00 and was 20\.00"):
        run(update({"list_price": "20.00"}, {"list_price": "19.00"}))


def test_an_update_of_a_row_that_is_gone_is_refused() -> None:
    with pytest.raises(EffectError, match="spec_items MILK is gone"):
        run(update({"active": True}, {"active": False}))


def test_a_step_that_fails_half_way_leaves_nothing() -> None:
    SpecItemFactory(item_code="MILK")

    with pytest.raises(EffectError):
        run(insert({"description": "", "pack_size": ""}, key="RICE"), update({"description": "x"}, {"active": False}))

    assert list(SpecItem.objects.values_list("pk", flat=True)) == ["MILK"]


def test_now_is_filled_in_while_applying() -> None:
    CustomerProfile.objects.create(customer_id="7", credit_limit=0)
    touch = {"kind": "row.update", "table": "customer_profiles", "id": "7", "was": {}}

    run({**touch, "set": {"last_quote_event": PLACEHOLDER}})

    assert CustomerProfile.objects.get().last_quote_event == NOW


def test_what_was_unticked_is_left_out() -> None:
    run({**insert({"description": "", "pack_size": ""}), "tick": False, "element": "MILK", "editable": ["tick"]})

    assert not SpecItem.objects.exists()


@pytest.mark.parametrize(
    ("column", "value"), [("list_price", "dear"), ("active", "perhaps"), ("nonsense", "x"), ("description", None)]
)
def test_a_value_that_the_column_cannot_hold_is_refused(column: str, value: Any) -> None:
    with pytest.raises(EffectError) as refused:
        run(insert({"description": "", "pack_size": "", column: value}))

    assert refused.value.permanent
    assert not SpecItem.objects.exists()


def test_an_event_is_recorded_once_per_key() -> None:
    event = {"kind": "event.record", "id": "e", "event_type": "x.done", "idempotency_key": "k", "payload": {"a": "1"}}

    run(event)
    run({**event, "payload": {"a": "2"}})

    assert parse(Event.objects.get().payload) == {"a": "1"}


@pytest.mark.parametrize(
    "effect",
    [
        {"kind": "netsuite.push", "id": "p", "external_id": "x", "record_type": "customer", "record": {}},
        {"kind": "email.send", "id": "e", "to": "a@example.org", "subject": "", "body": "", "attachments": []},
        {"kind": "http.request", "id": "h", "method": "POST", "path": "/x", "body": None, "produces": None},
        {"kind": "row.delete", "table": "spec_items", "id": "MILK"},
    ],
    ids=lambda effect: str(effect["kind"]),
)
def test_nothing_leaves_without_an_approved_proposal_and_nothing_unknown_is_applied(effect: dict[str, Any]) -> None:
    with pytest.raises(EffectError) as refused:
        run(effect)

    assert refused.value.permanent
    assert not PendingPush.objects.exists()
    assert not OutboundEmail.objects.exists()
