"""The word index of the memory (`reflexion_log`), made by the database itself so that no writer can forget it.

PostgreSQL: a generated column and two GIN indexes. SQLite: a full-text table of its own that triggers keep. It has its
own copy of the texts: the row numbers of `reflexion_log`, whose key is text, are nothing to rely on, for VACUUM or a
rebuild of the table may give new ones. The run's id is indexed as words too, which is how a trigger finds its entry.
Beginnings of two and three letters, which thousands of words share, have an index of their own.
"""

from typing import Any, Final

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

_TRIGGERS: Final = ("reflexion_added", "reflexion_changed", "reflexion_removed")
# A long narrative is indexed up to here: PostgreSQL refuses a tsvector above one megabyte, and with it the row.
_INDEXED: Final = 100_000
_FORGET = """DELETE FROM reflexion_words
    WHERE reflexion_words MATCH 'run_id : "' || replace(OLD.run_id, '"', '""') || '"' AND run_id = OLD.run_id;"""
_REMEMBER = "INSERT INTO reflexion_words (run_id, narrative, tags) VALUES (NEW.run_id, NEW.narrative, NEW.tags);"
_FILL = (
    "DELETE FROM reflexion_words",
    "INSERT INTO reflexion_words (run_id, narrative, tags) "
    "SELECT run_id, narrative, tags FROM reflexion_log ORDER BY created_at, run_id",
)
_SQLITE: Final = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS reflexion_words USING fts5("
    "run_id, narrative, tags, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3')",
    f"CREATE TRIGGER IF NOT EXISTS reflexion_added AFTER INSERT ON reflexion_log BEGIN {_REMEMBER} END",
    "CREATE TRIGGER IF NOT EXISTS reflexion_changed AFTER UPDATE OF run_id, narrative, tags ON reflexion_log "
    f"BEGIN {_FORGET} {_REMEMBER} END",
    f"CREATE TRIGGER IF NOT EXISTS reflexion_removed AFTER DELETE ON reflexion_log BEGIN {_FORGET} END",
    *_FILL,
)
# Anything but letters and digits parts words, so that an address or a name like write_ns is found by its parts.
_POSTGRESQL: Final = (
    "ALTER TABLE reflexion_log ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('english', regexp_replace("
    f"left(narrative, {_INDEXED}) || ' ' || tags || ' ' || run_id, '[^[:alnum:]]+', ' ', 'g'))) STORED",
    "CREATE INDEX reflexion_by_words ON reflexion_log USING gin (words)",
    "CREATE INDEX reflexion_by_tags ON reflexion_log USING gin (string_to_array(tags::text, ','))",
)
_INSTALL = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_REMOVE: Final = {
    "sqlite": (*(f"DROP TRIGGER IF EXISTS {name}" for name in _TRIGGERS), "DROP TABLE IF EXISTS reflexion_words"),
    "postgresql": (
        "DROP INDEX IF EXISTS reflexion_by_tags",
        "ALTER TABLE reflexion_log DROP COLUMN IF EXISTS words",  # with the index on it
    ),
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index and fill it with what is there. For the migration."""
    _execute(connection, _INSTALL[connection.vendor])


def remove(connection: BaseDatabaseWrapper) -> None:
    """Undo `install`."""
    _execute(connection, _REMOVE[connection.vendor])


def repair(using: str = "default", **kwargs: Any) -> None:
    """Make the triggers again that were lost, and the index with them; a receiver of `post_migrate`.

    When Django rebuilds a table on SQLite, which most changes of a column come to, its triggers are gone.
    """
    connection = connections[using]
    if connection.vendor == "sqlite" and _has_index(connection) and not _is_kept(connection):
        _execute(connection, _SQLITE)


def _has_index(connection: BaseDatabaseWrapper) -> bool:
    """Whether the migration ran: the signal is also sent after going back to one before it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'reflexion_words'")
        return cursor.fetchone() is not None


def _is_kept(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'reflexion_log'")
        return {name for (name,) in cursor.fetchall()} >= set(_TRIGGERS)


def _execute(connection: BaseDatabaseWrapper, statements: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
