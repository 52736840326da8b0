"""What a contract may name: tables, step kinds, verify kinds, providers, letter templates.

Built once by `workflows_app.runner.catalog` from the models and the registries, and handed to the loader, so that this
package stays free of Django and of the kinds above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workflows_app.contracts.primitives import ColumnKind

if TYPE_CHECKING:
    from workflows_app.contracts.schema import Step, VerifyCheck

__all__ = ["Catalog", "Column", "ColumnKind", "ProviderSpec", "Table"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """The type of one column. `scale` counts the decimals of a `decimal` column; `required` has no default."""

    kind: ColumnKind
    scale: int = 0
    nullable: bool = False
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its columns by name, its primary key column and its unique column sets.

    `writable`: effects may change it. `id_kind`: the `<kind>` of `cs-<kind>-<uuid>`, empty when rows are not born here.
    """

    name: str
    columns: Mapping[str, Column]
    key: str
    unique: tuple[tuple[str, ...], ...] = ()
    writable: bool = False
    id_kind: str = ""


@dataclass(frozen=True, kw_only=True)
class ProviderSpec:
    """A registered read-only function: the parameters it takes and the columns of the rows it returns.

    `editable`: columns that a person may change in an edit, each row identified by the column `key`. `ticks`: rows do
    not depend on each other, and a person may leave each out. `tables`: those that it looks into for what a run itself
    may write; a check over them is read differently when the run is continued.
    """

    name: str
    params: tuple[str, ...]
    columns: Mapping[str, Column]
    key: str
    editable: tuple[str, ...] = ()
    ticks: bool = False
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """Everything a contract can name. `templates` maps a letter template to the variables it uses."""

    tables: Mapping[str, Table]
    step_kinds: "Mapping[str, type[Step]]" = field(default_factory=dict)
    verify_kinds: "Mapping[str, type[VerifyCheck]]" = field(default_factory=dict)
    providers: Mapping[str, ProviderSpec] = field(default_factory=dict)
    templates: Mapping[str, frozenset[str]] = field(default_factory=dict)
