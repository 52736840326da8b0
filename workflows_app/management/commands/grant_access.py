"""`grant_access`: what the logins of PostgreSQL may do with which table. Run it after every migration."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.db import connection, transaction

from approvals.models import Decision, ProposedAction
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import catalog


class Command(BaseCommand):
    """Grant as the owner of the tables; whatever else the two logins had been granted is taken away."""

    help = (
        "As the owner of the tables (DATABASE_URL): let APP work with all of them and READER read those that contracts "
        "may read. The logins must exist (docs/postgresql_roles.sql)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--app", default="countersign_app", help="the login of web, clusters and commands")
        parser.add_argument("--reader", default="countersign_reader", help="the login for the queries of contracts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant in one transaction, so that nobody loses a right in between."""
        if connection.vendor != "postgresql":
            self.refuse("SQLite has no logins; there the queries of contracts are held by its authorizer.")
        with transaction.atomic(), connection.cursor() as cursor:
            for role in (options["app"], options["reader"]):
                cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
                if cursor.fetchone() != (False,):
                    self.refuse(f"{role} is no login, or a superuser, whom no grant limits.")
            for statement in (*_app(options["app"]), *_reader(options["reader"])):
                cursor.execute(statement)
        count = len(catalog.tables())
        self.stdout.write(f"{options['app']} works with all tables; {options['reader']} reads {count} of them.")


def _app(role: str) -> Iterator[str]:
    """Everything but what is never done: decisions are only added, proposals never removed."""
    name = _quoted(role)
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}"
    yield f"REVOKE UPDATE, DELETE ON {_quoted(Decision._meta.db_table)} FROM {name}"
    yield f"REVOKE DELETE ON {_quoted(ProposedAction._meta.db_table)} FROM {name}"


def _reader(role: str) -> Iterator[str]:
    """The tables of the catalog to read, and nothing else."""
    name, tables = _quoted(role), ", ".join(map(_quoted, sorted(catalog.tables())))
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {name}"
    yield f"GRANT USAGE ON SCHEMA public TO {name}"
    yield f"GRANT SELECT ON {tables} TO {name}"


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))
