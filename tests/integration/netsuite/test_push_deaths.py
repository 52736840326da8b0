"""Workers that die on the way, and several at once: every record exists once."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections

from tests.factories import CustomerFactory
from tests.integration.netsuite.pushes import CUSTOMER, approved_push, as_approved, hurry, settle, status
from workflows_app.models import Customer
from workflows_app.netsuite import mirrors, push_queue
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.push import deliver_pushes
from workflows_app.netsuite.sandbox.server import Sandbox

TIMES = int(os.environ.get("PUSH_FAULT_TIMES", "3"))


class Killed(BaseException):
    """What kill -9 looks like from inside."""


POINTS = [
    (push_queue, "claim", "after"),
    (push_queue, "sending", "before"),
    (push_queue, "sending", "after"),
    (NetSuite, "upsert", "before"),
    (NetSuite, "upsert", "after"),
    (NetSuite, "get", "before"),
    (NetSuite, "get", "after"),
    (push_queue, "applied", "before"),
    (mirrors, "confirm", "before"),
    (mirrors, "confirm", "after"),
    (push_queue, "advance_outcome", "after"),
    (push_queue, "applied", "after"),
]


def dying(call: Callable[..., Any], when: str) -> Callable[..., Any]:
    """`call`, and the worker dies before or after it."""

    def dies(*arguments: Any, **options: Any) -> Any:
        if when == "after":
            call(*arguments, **options)
        raise Killed

    return dies


@pytest.mark.django_db
@pytest.mark.parametrize(("place", "name", "when"), POINTS)
def test_a_worker_may_die_anywhere(sandbox: Sandbox, mike: User, place: Any, name: str, when: str) -> None:
    for number in range(TIMES):
        CustomerFactory(id=f"cs-cus-{number}", ns_id=None, prospect=True)
        push = approved_push(mike, str(number))
        deaths = 0
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(place, name, dying(getattr(place, name), when))
                try:
                    deliver_pushes()
                except Killed:
                    deaths += 1
            hurry()

        settle()

        assert deaths
        assert (status(push), push.attempts) == ("applied", 0)
        assert Customer.objects.get(pk=push.external_id).ns_id == push.ns_id

    records = sandbox.records("customer")
    assert [as_approved(record) for record in records] == [CUSTOMER] * TIMES
    assert len({record["externalId"] for record in records}) == TIMES


@pytest.mark.usefixtures("shared_database")
def test_several_workers_push_each_record_once(sandbox: Sandbox, mike: User) -> None:
    pushes = [approved_push(mike, f"n{number}") for number in range(8)]
    pushes += [approved_push(mike, f"m{n}", external_id="cs-cus-n0", record={**CUSTOMER, "email": f"{n}@x.example"})
               for n in range(3)]  # fmt: skip

    def work() -> None:
        for _ in range(6):
            deliver_pushes()
        connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()

    assert [status(push) for push in pushes] == ["applied"] * len(pushes)
    assert len(sandbox.arrived("PUT")) + len(sandbox.arrived("PATCH")) == len(pushes)
    emails = {record["externalId"]: record["email"] for record in sandbox.records("customer")}
    assert len(emails) == 8
    assert emails["cs-cus-n0"] == "2@x.example"
    assert sandbox.account.governance.most <= 2
