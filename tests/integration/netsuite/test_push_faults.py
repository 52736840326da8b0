"""Under each planted fault a record exists exactly once, with every field and line as approved; the control doubles.

Each fault is met three times here. A hundred times each: `python -m tests.bench.pushes`.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.factories import CustomerFactory, QuoteFactory
from tests.integration.netsuite.pushes import (
    CUSTOMER,
    approved_push,
    as_approved,
    estimate,
    new_record,
    quiet,
    settle,
    status,
)
from workflows_app.models import Customer, Quote
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.sandbox.server import Sandbox

pytestmark = pytest.mark.django_db

_LATE = 0.5  # seconds; the client waits 0.3
FAULTS: dict[str, dict[str, Any]] = {
    "commit_then_drop": {},
    "drop_before_commit": {},
    "delay": {"seconds": _LATE},
    "late_commit": {"seconds": _LATE},
    "too_many": {},
    "unauthorized": {"times": 2},
    "expired_token": {},
    "error_before_commit": {},
    "error_after_commit": {},
    "malformed_json": {},
    "accepted": {},
}
TIMES = int(os.environ.get("PUSH_FAULT_TIMES", "3"))


@pytest.fixture(autouse=True)
def _impatient(sandbox: Sandbox, settings: Settings) -> None:
    """The client gives up before an answer that is late."""
    settings.NETSUITE = {**settings.NETSUITE, "TIMEOUT": 0.3}


def plant(sandbox: Sandbox, fault: str, method: str) -> None:
    sandbox.plant(fault, method=method, path="*/record/*", **FAULTS[fault])


@pytest.mark.parametrize("method", ["PUT", "GET"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_customer_exists_once_as_approved(sandbox: Sandbox, mike: User, fault: str, method: str) -> None:
    for number in range(TIMES):
        name = f"{fault}-{number}"
        CustomerFactory(id=f"cs-cus-{name}", ns_id=None, prospect=True)
        push = approved_push(mike, name)
        plant(sandbox, fault, method)

        settle()

        assert status(push) == "applied", push.last_error
        assert not sandbox.account.faults.planted()

    quiet(sandbox)
    records = sandbox.records("customer")
    assert [as_approved(record) for record in records] == [CUSTOMER] * TIMES
    assert {record["externalId"] for record in records} == {f"cs-cus-{fault}-{number}" for number in range(TIMES)}
    mirrored = Customer.objects.values_list("ns_id", "id", "entitystatus")
    assert set(mirrored) == {(record["id"], record["externalId"], "active") for record in records}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_lines_of_an_estimate_do_not_double(sandbox: Sandbox, mike: User, fault: str) -> None:
    customer = CustomerFactory(id="cs-cus-1", ns_id=new_record("customer", companyName="Ada"))
    item = new_record("inventoryItem", itemId="RICE")
    entity = {"placeholder": "ns_id", "of": customer.pk}
    QuoteFactory(id="cs-est-1", ns_id=None)
    for revision in range(TIMES):
        rates = ["39.95", f"{revision}.10", "7.00"][: 1 + (revision + 1) % 3]
        push = approved_push(
            mike,
            f"{fault}-{revision}",
            record_type="estimate",
            external_id="cs-est-1",
            record=estimate(entity, item, *rates),
        )
        sandbox.plant(fault, method="P*", path="*/estimate/*", **FAULTS[fault])

        settle()

        assert status(push) == "applied", push.last_error
        quiet(sandbox)
        (record,) = sandbox.records("estimate")
        assert as_approved(record) == estimate(customer.ns_id, item, *rates)
        assert Quote.objects.get().ns_id == record["id"]
        assert not sandbox.account.faults.planted()


@pytest.mark.parametrize("fault", ["commit_then_drop", "error_after_commit", "delay"])
def test_the_control_doubles(sandbox: Sandbox, mike: User, fault: str, posting: None) -> None:
    """The same harness with POST instead of upsert, so that it is not blind."""
    for number in range(TIMES):
        approved_push(mike, f"{fault}-{number}")
        sandbox.plant(fault, method="POST", path="*/record/*", **FAULTS[fault])
        settle()
        sandbox.heal()

    quiet(sandbox)
    assert len(sandbox.records("customer")) > TIMES


@pytest.fixture
def posting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Records are made by POST, as a client without external ids would."""

    def post(netsuite: NetSuite, record_type: str, external_id: str, body: Any, *, replace: Any = ()) -> str:
        return netsuite.create(record_type, body)

    monkeypatch.setattr(NetSuite, "upsert", post)
    return
