"""A small catalog for the tests of contract SQL, and a shorthand to compile against it."""

from collections.abc import Mapping

from workflows_app.contracts.catalog import Column, Table
from workflows_app.contracts.sql import CompiledQuery, QueryError, compile_query

_TEXT = Column(kind="text")
_MONEY = Column(kind="decimal", scale=2)


def _table(name: str, key: str, **columns: Column) -> Table:
    return Table(name=name, key=key, columns={key: _TEXT, **columns})


CATALOG: Mapping[str, Table] = {
    table.name: table
    for table in (
        _table(
            "customers",
            "id",
            companyname=_TEXT,
            email=Column(kind="text", nullable=True),
            credit_limit=_MONEY,
            visits=Column(kind="integer"),
            active=Column(kind="boolean"),
            created_at=Column(kind="datetime"),
        ),
        _table(
            "payments",
            "id",
            customer_id=_TEXT,
            amount=_MONEY,
            paid_on=Column(kind="date"),
        ),
        _table("letters", "uuid", **{"from": _TEXT, "subject": _TEXT}),
        _table("secrets", "id", value=_TEXT),
    )
}


def compiled(sql: str, *tables: str) -> CompiledQuery:
    """Compile `sql`, which declares `tables` (default: customers)."""
    return compile_query(sql, tables=tables or ("customers",), catalog=CATALOG)


def problems(sql: str, *tables: str) -> list[str]:
    """The problems of `sql` as `line:column: message`; empty when there are none."""
    try:
        compiled(sql, *tables)
    except QueryError as error:
        return [f"{problem.line}:{problem.column}: {problem.message}" for problem in error.problems]
    return []
