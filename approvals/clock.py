"""The database's clock, the only one that ends a proposal: web servers and workers may disagree with each other."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Func
from django.db.models.sql.compiler import SQLCompiler

_SQLITE = "STRFTIME('%Y-%m-%d %H:%M:%f000', 'NOW')"  # as long as the moments that Django stores: they compare as text
_POSTGRESQL = "CLOCK_TIMESTAMP()"


class DatabaseNow(Func):
    """This very moment as an expression, for the conditions of an UPDATE.

    Django's `Now` is the start of the statement on PostgreSQL: a statement that waited for a lock would compare with a
    moment that has passed. SQLite writes milliseconds, PostgreSQL microseconds.
    """

    function = "CLOCK_TIMESTAMP"
    output_field = DateTimeField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> tuple[str, list[str | int] | tuple[str | int, ...] | tuple[()]]:
        """In the text form in which Django stores moments, so that they compare."""
        return self.as_sql(compiler, connection, template=_SQLITE.replace("%", "%%%%"), **context)


def database_now() -> datetime:
    """The database's clock: aware, UTC; it moves on within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_SQLITE if connection.vendor == 'sqlite' else _POSTGRESQL}")
        (moment,) = cursor.fetchone()
    if isinstance(moment, str):
        return datetime.fromisoformat(moment).replace(tzinfo=UTC)
    return moment.astimezone(UTC)  # type: ignore[no-any-return]
