"""What is known about a SELECT once it is read."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql.fragments import Fragment

# A reading of more rows is an error, never a silent cut.
ROW_CAP = 10_000


@dataclass(frozen=True, kw_only=True)
class Query:
    """A SELECT or UNION. `body` uses `loose` columns of the queries around it; `single` returns one row at most."""

    body: Fragment
    columns: Mapping[str, Column | None]
    ordered: bool = False
    aggregate_only: bool = False
    single: bool = False
