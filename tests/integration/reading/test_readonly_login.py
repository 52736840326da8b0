"""With `DATABASE_READONLY_URL` PostgreSQL refuses undeclared reads: that login may see the contract tables only."""

from collections.abc import Iterator
from threading import Thread

import pytest
from django.conf import settings
from django.db import connection, connections

from tests.integration.reading.world import column
from workflows_app.models import Customer, catalog
from workflows_app.reading.errors import ReadingError
from workflows_app.reading.readonly import READONLY_ALIAS, guard
from workflows_app.reading.snapshot import snapshot

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no logins but an authorizer"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def _login(rows: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A login that may read the tables of the catalog and nothing else."""
    tables = ", ".join(catalog.tables())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE countersign_reader LOGIN; GRANT SELECT ON {tables} TO countersign_reader")
    reader = {**connection.settings_dict, "USER": "countersign_reader"}
    monkeypatch.setitem(settings.DATABASES, READONLY_ALIAS, reader)
    connections[READONLY_ALIAS].connect()  # pytest-django forbids connections that it does not know to open later
    yield
    connections[READONLY_ALIAS].close()
    del connections[READONLY_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute("DROP OWNED BY countersign_reader; DROP ROLE countersign_reader")


def test_contract_queries_are_read_by_the_login() -> None:
    with guard(["customers"]) as cursor:
        assert cursor.rows("SELECT current_user") == [("countersign_reader",)]

    assert column("SELECT id FROM customers WHERE companyname LIKE 'Ä%'") == ["1"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT password FROM auth_user",
        "SELECT COUNT(*) FROM django_session",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "DELETE FROM customers",
        "SELECT set_config('role', 'postgres', true), (SELECT COUNT(*) FROM auth_user)",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ],
)
def test_the_login_sees_and_changes_nothing_else(sql: str) -> None:
    with pytest.raises(ReadingError, match=r"permission denied|read-only|read-write"), guard(["customers"]) as cursor:
        cursor.rows(sql)


def test_even_without_the_read_only_transaction_the_login_cannot_write() -> None:
    with connections[READONLY_ALIAS].cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("DELETE FROM customers")


def _rename_all() -> None:
    Customer.objects.update(companyname="somebody else")
    connection.close()


def test_a_snapshot_is_one_state_for_both_logins_whatever_others_write_meanwhile() -> None:
    renamed = "SELECT id FROM customers WHERE companyname = 'somebody else'"
    with snapshot():
        writer = Thread(target=_rename_all)
        writer.start()
        writer.join()

        assert column(renamed) == []
        assert not Customer.objects.filter(companyname="somebody else").exists()

    assert column(renamed)
