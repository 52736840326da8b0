"""One state of the database, which nothing behind the wall can change."""

import pytest
from django.db import DatabaseError, connection, transaction

from tests import factories
from workflows_app.models import Customer
from workflows_app.reading.lookups import aggregate
from workflows_app.reading.snapshot import snapshot

HOSTILE = [
    "INSERT INTO customers (id) VALUES ('evil')",
    "UPDATE customers SET companyname = 'evil'",
    "DELETE FROM customers",
    "DROP TABLE customers",
    "CREATE TABLE evil (id INTEGER)",
]


@pytest.fixture(autouse=True)
def _customer(db: None) -> None:
    factories.CustomerFactory(companyname="Oak School")


@pytest.mark.parametrize("sql", HOSTILE)
def test_the_database_refuses_every_write(sql: str) -> None:
    with snapshot(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert list(Customer.objects.values_list("companyname", flat=True)) == ["Oak School"]


def test_the_orm_is_refused_too() -> None:
    with snapshot(), pytest.raises(DatabaseError), transaction.atomic():
        Customer.objects.update(companyname="evil")

    assert Customer.objects.get().companyname == "Oak School"


def test_contract_sql_reads_behind_it_and_the_wall_stands_after() -> None:
    with snapshot():
        assert aggregate("COUNT", "customers", "*", []) == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            Customer.objects.update(companyname="evil")


def test_writing_goes_on_afterwards() -> None:
    with snapshot():
        pass

    assert Customer.objects.update(companyname="Elm School") == 1


def test_writing_goes_on_after_an_error_in_it() -> None:
    with pytest.raises(ZeroDivisionError), snapshot():
        raise ZeroDivisionError

    assert Customer.objects.update(companyname="Elm School") == 1


@pytest.mark.django_db(transaction=True)
def test_it_stands_without_a_transaction_around_it_as_well() -> None:
    with snapshot():
        assert Customer.objects.count() == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            Customer.objects.update(companyname="evil")

    assert not connection.in_atomic_block
    assert Customer.objects.update(companyname="Elm School") == 1
