"""Which customers look like the one that is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.admin.intake.alike import Known, Typed, compare

KNOWN = Known(
    pk="7",
    name="Maple Ridge Schools",
    email="food@mapleridge.example",
    phone="(518) 555-0142",
    addresses=("12 Elm Street\nMaple Ridge, NY 12207", "Dock 4, 9 North Main St.\nAlbany, NY 12208"),
    status="active",
)


def reasons(known: Known = KNOWN, **typed: str) -> tuple[str, ...]:
    """Why they look alike; nothing when they do not."""
    alike = compare(Typed(**typed), known)
    return alike.reasons if alike else ()


@pytest.mark.parametrize("name", ["Maple Ridge Schools", "  MAPLE  ridge schools", "Maple\u00a0Ridge Schools"])
def test_the_same_name_however_it_is_written_would_block(name: str) -> None:
    alike = compare(Typed(name=name), KNOWN)

    assert alike is not None
    assert alike.same
    assert alike.reasons == ("the same name",)


def test_the_same_email_address_would_block() -> None:
    alike = compare(Typed(name="Another", email="Food@MapleRidge.example "), KNOWN)

    assert alike is not None
    assert (alike.same, alike.reasons) == (True, ("the same email address",))


@pytest.mark.parametrize(
    "name",
    [
        "Maple Ridge",  # contained, as the contract's own warning has it
        "Schools of Maple Ridge, Inc.",
        "Maple Ridge School District",
        "Mapel Ridge Schools",
        "Maple Rigde Schools",
    ],
)
def test_a_similar_name_is_told_and_would_not_block(name: str) -> None:
    alike = compare(Typed(name=name), KNOWN)

    assert alike is not None
    assert (alike.same, alike.reasons) == (False, ("a similar name",))


@pytest.mark.parametrize("name", ["", " ", "Ma", "Oak Ridge Academy", "Riverside Schools", "Schools", "The Company"])
def test_another_name_is_not_similar(name: str) -> None:
    expected = ("a similar name",) if name == "Schools" else ()  # contained, as in the contract

    assert reasons(name=name) == expected


@pytest.mark.parametrize("phone", ["518-555-0142", "+1 (518) 5550142", "001 518 555 0142"])
def test_a_phone_number_is_compared_by_its_digits(phone: str) -> None:
    assert reasons(phone=phone) == ("the same phone number",)


def test_a_short_number_is_no_phone_number() -> None:
    assert reasons(phone="0142") == ()


@pytest.mark.parametrize("address", ["12 Elm St.\nMaple Ridge NY 12207", "12 ELM STREET\r\nMaple  Ridge, NY\n12207"])
def test_a_street_address_is_compared_in_short_forms(address: str) -> None:
    assert reasons(address=address) == ("the same street address",)


def test_the_delivery_address_is_compared_too() -> None:
    assert reasons(address="dock 4, 9 N Main Street\nAlbany, NY 12208") == ("the same street address",)


@pytest.mark.parametrize("address", ["", "Elm Street", "12", "14 Elm Street\nMaple Ridge, NY 12207"])
def test_another_address_is_not_the_same(address: str) -> None:
    assert reasons(address=address) == ()


def test_a_customer_without_anything_looks_like_nobody() -> None:
    empty = Known(pk="1", name="", email="", phone="", addresses=("", ""), status="active")

    assert compare(Typed(), empty) is None
    assert compare(Typed(name="Maple", email="a@b", phone="5185550142", address="1 Elm St"), empty) is None


@given(st.text(), st.text(), st.text(), st.text())
def test_whatever_is_typed_is_compared(name: str, email: str, phone: str, address: str) -> None:
    compare(Typed(name=name, email=email, phone=phone, address=address), KNOWN)


@given(st.text(min_size=1))
def test_a_customer_is_like_itself(name: str) -> None:
    alike = compare(Typed(name=name), Known(pk="1", name=name, email="", phone="", addresses=(), status="active"))

    assert alike is None or alike.same
