"""`netsuite_check` says what works and what does not, and changes nothing."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.integration.netsuite.pushes import new_record
from tests.integration.netsuite.sync.books import Books
from tests.sandbox import Hands
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db
TRIED = {
    *("login and clock", "read customers", "read transactions", "read transaction_lines"),
    *("open a customer", "time zone"),
}


def check(*arguments: str) -> str:
    out = StringIO()
    call_command("netsuite_check", *arguments, stdout=out)
    return out.getvalue()


def test_an_account_that_works_is_said_to(sandbox: Sandbox) -> None:
    found = json.loads(check("--json"))

    assert all(finding["works"] for finding in found), found
    assert {finding["what"] for finding in found} >= TRIED


def test_nothing_is_written(sandbox: Sandbox) -> None:
    check()

    asked = [one for one in sandbox.arrived() if "/oauth2/" not in one["path"]]
    assert {(one["method"], "suiteql" in one["path"]) for one in asked} <= {("GET", False), ("POST", True)}


def test_a_login_that_is_refused_ends_it(sandbox: Sandbox) -> None:
    sandbox.plant("unauthorized", times=9)

    with pytest.raises(CommandError) as refused:
        check()

    assert refused.value.returncode == 1
    assert str(refused.value) == "NetSuite does not work for us yet: login and clock."


def test_a_table_that_may_not_be_read_is_named_and_the_others_are_tried(sandbox: Sandbox) -> None:
    sandbox.plant("error_before_commit", path="*/suiteql", times=1)

    with pytest.raises(CommandError, match=r"not work for us yet: read payment_terms\.$"):
        check()


def test_a_clock_that_is_wrong_is_noticed(sandbox: Sandbox, hands: Hands) -> None:
    hands.forward(600)

    with pytest.raises(CommandError, match="login and clock"):
        check()


def _only_an_invoice(sandbox: Sandbox) -> None:
    with connect() as client:
        books = Books(client)
        books.invoice(books.customer(), books.item(), 10.0)
    with sandbox.account.store.writing() as db:
        db.execute("DELETE FROM customer")


@pytest.mark.parametrize("records", ["customer", "invoice"])
def test_a_time_zone_that_is_not_the_accounts_is_named(sandbox: Sandbox, settings: Settings, records: str) -> None:
    if records == "invoice":
        _only_an_invoice(sandbox)
    else:
        new_record("customer", companyName="Ada's Kitchen")
    assert f"SuiteQL and REST agree when {records} " in check()
    settings.NETSUITE = {**settings.NETSUITE, "TIME_ZONE": "America/Los_Angeles"}
    out = StringIO()

    with pytest.raises(CommandError, match=r"not work for us yet: time zone\.$"):
        call_command("netsuite_check", stdout=out)

    assert "NETSUITE_TIME_ZONE (America/Los_Angeles) is not the zone of this account" in out.getvalue()


def test_settings_that_are_set_by_half_are_refused(settings: Settings) -> None:
    settings.NETSUITE = {**settings.NETSUITE, "ACCOUNT": "123456_SB1", "CLIENT_ID": "x"}

    with pytest.raises(CommandError, match="NETSUITE_CERTIFICATE_ID"):
        check()


def test_lines_and_links_are_read_of_a_real_transaction(sandbox: Sandbox) -> None:
    words = {finding["what"]: finding["words"] for finding in json.loads(check("--json"))}
    assert words["read transaction_lines"] == "the query works; there is no invoice yet to try it with"
    assert words["read customer_payments"] == "the query works; there is no payment yet to try it with"

    with connect() as client:
        books = Books(client)
        customer = books.customer()
        invoice = books.invoice(customer, books.item(), 100.0)
        payment = books.payment(customer, 70.0, **{f"i{invoice}": 70.0})
    words = {finding["what"]: finding["words"] for finding in json.loads(check("--json"))}

    assert words["read transaction_lines"] == f"invoice number {invoice}: at least one row"
    assert words["read customer_payments"] == f"payment number {payment}: at least one row"
