"""approvals.clock: the database's own clock."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import transaction

from approvals.clock import DatabaseNow, database_now

pytestmark = pytest.mark.django_db


def test_it_is_aware_and_in_utc() -> None:
    assert database_now().tzinfo is UTC
    assert abs(database_now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_clock_of_this_machine_does_not_move_it() -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert datetime.now(UTC) - database_now() > timedelta(minutes=50)


def test_it_moves_on_within_a_transaction() -> None:
    with transaction.atomic():
        first = database_now()
        while database_now() == first:  # a millisecond at most; forever if the transaction froze the clock
            assert datetime.now(UTC) - first < timedelta(seconds=10)


def test_the_expression_compares_with_stored_moments(mike: User) -> None:
    def due(by: timedelta) -> bool:
        User.objects.update(last_login=database_now() + by)
        return User.objects.filter(last_login__lte=DatabaseNow()).exists()

    assert [due(timedelta(seconds=by)) for by in (-1, 0, 1)] == [True, True, False]


def test_the_expression_can_be_stored(mike: User) -> None:
    before = database_now()

    User.objects.update(last_login=DatabaseNow())

    assert before <= User.objects.get().last_login <= database_now()
