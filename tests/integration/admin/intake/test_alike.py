"""The warning while one types: the customers of the mirror that look alike, by the contract's own rule and more."""

import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.canonical import parse
from tests import factories
from tests.integration.admin.intake.submitted import hand_in, the_run
from tests.integration.admin.rows import INPUTS
from tests.integration.admin.test_xss import PAYLOADS, executable
from workflows_app.admin.intake import asking
from workflows_app.admin.intake.alike import MOST, Typed, look
from workflows_app.models import Customer, WorkflowRun

URL = reverse("intake:alike", args=["new_customer"])


def warned(client: Client, **typed: str) -> str:
    """What appears beside the form."""
    response = client.post(URL, typed)
    assert response.status_code == 200
    return str(response.content.decode())


def test_it_says_who_looks_alike_and_why(sales: Client) -> None:
    factories.CustomerFactory(companyname="Maple Ridge Schools", phone="(518) 555-0142")
    factories.CustomerFactory(companyname="Oak Hill Academy", email="else@example.com", phone=None)

    said = warned(sales, company_name="Mapel Ridge Schools", contact_phone="518 555 0142")

    assert "Maple Ridge Schools" in said
    assert "a similar name, the same phone number" in said
    assert "Oak Hill" not in said


def test_nobody_alike_says_so_and_changes_nothing(sales: Client) -> None:
    assert "No customer looks like" in warned(sales)
    assert "No customer looks like" in warned(sales, company_name="Nobody", unknown="x")
    assert WorkflowRun.objects.count() == 0


@pytest.mark.parametrize(
    ("column", "known", "typed"),
    [
        ("companyname", "MAPLE RIDGE  SCHOOLS", {}),
        ("companyname", "Maple Ridge Schools", {"company_name": "maple ridge schools"}),
        ("companyname", "O’Hara & Sons", {"company_name": "O'Hara & sons"}),
        ("companyname", "100% Juice_Co", {"company_name": "100% juice_co"}),
        ("email", "FOOD@mapleridge.example", {}),
    ],
)
def test_what_the_contract_blocks_is_told_as_the_same(
    sales: Client, column: str, known: str, typed: dict[str, str]
) -> None:
    factories.CustomerFactory(**{"companyname": "Somebody else", "email": "x@example.com", column: known})

    hand_in(sales, **typed)

    assert the_run().status == "blocked"
    assert "seems to be there already" in warned(sales, **{**INPUTS, **typed})


def test_what_the_contract_only_warns_of_is_told_and_blocks_nothing(sales: Client) -> None:
    factories.CustomerFactory(companyname="Maple Ridge Schools of the North", email="x@example.com")

    hand_in(sales)

    said = warned(sales, **INPUTS)
    assert the_run().status == "awaiting_approval"
    assert [check["check"] for check in parse(the_run().checks) if not check["passed"]] == ["similar_name"]
    assert "Maple Ridge Schools of the North" in said
    assert "seems to be there already" not in said


def test_the_same_come_first_and_five_at_most(sales: Client) -> None:
    for number in range(9):
        factories.CustomerFactory(companyname=f"Maple Ridge Schools {number}", email=f"{number}@example.com")
    factories.CustomerFactory(companyname="Zzz", email=INPUTS["contact_email"])

    found = look(Typed(name="Maple Ridge Schools", email=INPUTS["contact_email"]))

    assert found[0].name == "Zzz"
    assert len(found) == MOST


@pytest.mark.parametrize("typed", ["Ma", "Map", "Mapl", "scho", "e"])
def test_a_few_letters_list_no_customers(sales: Client, typed: str) -> None:
    factories.CustomerFactory(companyname="Maple Ridge Schools")

    assert "No customer looks like" in warned(sales, company_name=typed)


def test_a_short_name_that_is_whole_is_told(sales: Client) -> None:
    factories.CustomerFactory(companyname="Lee")

    assert "seems to be there already" in warned(sales, company_name="lee")


def test_whoever_asks_too_often_is_told_nothing_more_and_hands_in_all_the_same(
    sales: Client, console: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MOST", 2)
    factories.CustomerFactory(companyname="Maple Ridge Schools North", email="x@example.com")

    answers = [warned(sales, company_name="Maple Ridge Schools") for _time in range(3)]
    others = [warned(console, company_name="Maple Ridge Schools") for _time in range(3)]
    hand_in(sales)

    assert ["Schools North" in said for said in answers] == [True, True, False]
    assert "asked very often" in answers[-1]
    assert all("Schools North" in said for said in others)
    assert the_run().status == "awaiting_approval"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_of_customers_are_text(sales: Client, payload: str) -> None:
    factories.CustomerFactory(companyname=f"Maple {payload}")

    assert executable(warned(sales, company_name=f"Maple {payload}")) == []


def test_it_is_one_query_and_quick_for_ten_thousand_customers(sales: Client) -> None:
    Customer.objects.bulk_create(
        factories.CustomerFactory.build(
            id=str(number),
            ns_id=None,
            companyname=f"{number % 97} Valley {number} Schools",
            email=f"{number}@x.example",
        )
        for number in range(10_000)
    )
    typed = Typed(name="Valley Scools 77", email="77@y.example", phone="5185550142", address="12 Elm St\n12207")
    look(typed)

    with CaptureQueriesContext(connection) as queries:
        began = time.process_time()
        look(typed)
        took = time.process_time() - began

    assert len(queries) == 1
    assert took < 2


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_only_those_who_hand_in_may_ask(who: str, sales: Client, request: pytest.FixtureRequest) -> None:
    factories.CustomerFactory(companyname="Maple Ridge Schools")

    assert request.getfixturevalue(who).post(URL, INPUTS).status_code == 403
    assert sales.get(URL, INPUTS).status_code == 405
    assert sales.post(reverse("intake:alike", args=["customer_quote"]), INPUTS).status_code == 404
