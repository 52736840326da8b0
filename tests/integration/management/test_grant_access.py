"""`grant_access`: the app's login and the reader's; what it grants is tried in `tests/functional/test_cluster.py`."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from workflows_app.models import catalog

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no logins")


@pytest.fixture
def logins() -> Iterator[tuple[str, str]]:
    """Two logins that exist until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_app LOGIN; CREATE ROLE a_reader LOGIN")
    return "an_app", "a_reader"


def granted(role: str, privilege: str) -> set[str]:
    """The tables on which a login has a privilege."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
            "AND has_table_privilege(%s, oid, %s)",
            [role, privilege],
        )
        return {name for (name,) in cursor.fetchall()}


@on_postgresql
def test_the_reader_reads_exactly_what_contracts_may_read(logins: tuple[str, str]) -> None:
    app, reader = logins
    with connection.cursor() as cursor:
        cursor.execute("GRANT SELECT, UPDATE ON auth_user TO a_reader")

    call_command("grant_access", app=app, reader=reader, stdout=StringIO())

    assert granted(reader, "SELECT") == set(catalog.tables())
    assert granted(reader, "INSERT, UPDATE, DELETE, TRUNCATE") == set()


@on_postgresql
def test_the_app_changes_no_decision_and_removes_no_proposal(logins: tuple[str, str]) -> None:
    app, reader = logins

    call_command("grant_access", app=app, reader=reader, stdout=StringIO())

    everything = granted(app, "SELECT")
    assert everything - granted(app, "UPDATE") == {"decisions"}
    assert everything - granted(app, "DELETE") == {"decisions", "proposed_actions"}
    assert everything == granted(app, "INSERT")


@on_postgresql
@pytest.mark.parametrize("role", ["nobody_here", "postgres"])
def test_a_login_that_is_missing_or_a_superuser_is_refused(logins: tuple[str, str], role: str) -> None:
    with pytest.raises(CommandError, match=role):
        call_command("grant_access", app=logins[0], reader=role, stdout=StringIO())


@pytest.mark.skipif(connection.vendor == "postgresql", reason="there it does something")
def test_sqlite_has_no_logins() -> None:
    with pytest.raises(CommandError, match="no logins"):
        call_command("grant_access", stdout=StringIO())
