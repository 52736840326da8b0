"""Who is the same customer, on both databases."""

import unicodedata

import pytest

from tests.factories import NOW, CustomerFactory
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db
NAME = "O'Brien & Söhne 100%"


def _same(name="nobody", email="nobody@example.org"):
    found = PROVIDERS["same_customers"].load(Scope(now=NOW), {"name": name, "email": email}, [])
    return [row["id"] for row in found]


@pytest.mark.parametrize(
    "written",
    [
        NAME.upper(),
        unicodedata.normalize("NFD", NAME),
        NAME.replace("'", "’"),
        NAME.replace("'", "´"),
        NAME.replace(" ", " \u00a0 "),
        f"\ufeff {NAME}\u200b",
        NAME.replace("100", "１００"),
    ],
)
def test_a_name_is_the_same_however_it_is_written(written):
    row = CustomerFactory(companyname=NAME)
    other = CustomerFactory(companyname=written)

    assert _same(written) == _same(NAME) == sorted([row.pk, other.pk])


@pytest.mark.parametrize(
    "other", ["Straße Foods", "Strase Foods", "Strasse Foods 2", "StrasseFoods", "Strasse_Foods", "%"]
)
def test_other_letters_are_another_customer(other):
    CustomerFactory(companyname="Strasse Foods")

    assert _same(other) == []


def test_an_email_is_the_same_without_regard_to_capitals_and_blanks():
    row = CustomerFactory(email=" Office@Elm.example.org ")

    assert _same(email="office@elm.EXAMPLE.org") == [row.pk]


def test_customers_without_email_are_not_the_same():
    CustomerFactory(email="")
    CustomerFactory(email=None)

    assert _same(email="") == _same(email=None) == []


def test_the_rows_are_those_of_the_spec():
    CustomerFactory(companyname=NAME)
    [row] = PROVIDERS["same_customers"].load(Scope(now=NOW), {"name": NAME, "email": None}, [])

    assert set(row) == set(PROVIDERS["same_customers"].spec.columns)
