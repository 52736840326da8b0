"""Slots: no more requests under way than allowed, over all threads and processes; a dead holder's slot comes back."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from approvals.clock import database_now
from workflows_app.models import NetSuiteSlot
from workflows_app.netsuite.errors import BusyError
from workflows_app.netsuite.slots import slots

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db
def test_a_slot_is_free_again_afterwards() -> None:
    slot = slots(1, lease=MINUTE, patience=0)

    with slot():
        assert NetSuiteSlot.objects.get().lease_until > database_now()
    with slot():
        pass
    assert NetSuiteSlot.objects.get().lease_until is None


@pytest.mark.django_db
def test_a_slot_is_free_again_after_an_error() -> None:
    slot = slots(1, lease=MINUTE, patience=0)

    with pytest.raises(ZeroDivisionError), slot():
        raise ZeroDivisionError
    with slot():
        pass


@pytest.mark.django_db
def test_when_all_are_taken_one_waits_and_then_is_told_so() -> None:
    slot = slots(2, lease=MINUTE, patience=0)

    with slot(), slot(), pytest.raises(BusyError, match="all 2 of our own"), slot():
        pass


@pytest.mark.django_db
def test_a_slot_that_comes_free_while_waiting_is_taken() -> None:
    holder = slots(1, lease=MINUTE, patience=0)()
    holder.__enter__()

    with slots(1, lease=MINUTE, sleep=lambda seconds: holder.__exit__(None, None, None))():
        assert NetSuiteSlot.objects.exclude(lease_until=None).count() == 1


@pytest.mark.django_db
def test_the_slot_of_a_dead_holder_runs_out() -> None:
    slots(1, lease=timedelta(), patience=0)().__enter__()

    with slots(1, lease=MINUTE, patience=0)():
        pass


@pytest.mark.django_db
def test_a_holder_whose_lease_ran_out_does_not_free_the_next_ones_slot() -> None:
    late = slots(1, lease=timedelta(), patience=0)()
    late.__enter__()

    with slots(1, lease=MINUTE, patience=0)():
        late.__exit__(None, None, None)
        assert NetSuiteSlot.objects.get().lease_until is not None


@pytest.mark.usefixtures("shared_database")
def test_never_more_than_allowed_at_the_same_time() -> None:
    lock, under_way, most = threading.Lock(), [0], [0]
    slot = slots(2, lease=MINUTE)

    def work() -> None:
        for _ in range(5):
            with slot():
                with lock:
                    under_way[0] += 1
                    most[0] = max(most[0], under_way[0])
                with lock:
                    under_way[0] -= 1
        connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= most[0] <= 2
    assert NetSuiteSlot.objects.filter(lease_until=None).count() == 2
