"""The word index of the memory: made over what is there, kept by the database, and made again when it was lost."""

import copy

import pytest
from django.core.management import call_command
from django.db import connection

from tests.integration.reading.memory.memories import remember
from workflows_app.models import ReflexionLog, memory
from workflows_app.reading.memory import search


def found(words: str) -> list[str]:
    """The runs that are found, newest first."""
    return [row.run_id for row in search(words).rows]


@pytest.mark.django_db
def test_the_index_is_filled_with_what_was_there_before_it() -> None:
    older, newer = remember("maple, the older"), remember("maple, the newer")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with unchecked rows cannot be altered
    memory.remove(connection)

    memory.install(connection)

    assert found("maple") == [newer.pk, older.pk]


@pytest.mark.django_db
def test_the_migration_goes_back_and_forth_over_stored_rows() -> None:
    row = remember("maple")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    memory.remove(connection)
    memory.remove(connection)
    ReflexionLog.objects.filter(pk=row.pk).update(narrative="birch")  # nothing is left behind that would fail

    memory.install(connection)

    assert found("birch") == [row.pk]
    assert found("maple") == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL rebuilds no table")
@pytest.mark.django_db(transaction=True)
def test_triggers_that_a_rebuild_of_the_table_lost_are_made_again_after_migrate() -> None:
    before = remember("maple before")
    field = ReflexionLog._meta.get_field("tags")
    longer = copy.copy(field)
    longer.max_length = 501
    with connection.schema_editor() as editor:
        editor.alter_field(ReflexionLog, field, longer)
        editor.alter_field(ReflexionLog, longer, field)
    after = remember("maple after")
    assert found("maple") == [before.pk]  # else this test would prove nothing

    call_command("migrate", verbosity=0)

    assert found("maple") == [after.pk, before.pk]
    later = remember("maple later")
    assert found("maple") == [later.pk, after.pk, before.pk]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no VACUUM that renumbers")
@pytest.mark.django_db(transaction=True)
def test_a_vacuum_after_rows_went_away_mixes_nothing_up() -> None:
    gone, stays = remember("birch"), remember("maple")
    gone.delete()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")

    assert (found("maple"), found("birch")) == ([stays.pk], [])
    stays.delete()
    assert found("maple") == []
