"""What a declaration of a mirrored table says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from workflows_app.netsuite.sync.values import Make, Reading, Record
from workflows_app.netsuite.sync.zone import ORACLE_FORMAT


def _nothing(record: Record, reading: Reading) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """One mirrored table: the SuiteQL that reads it, and how its columns become ours.

    `columns` are NetSuite's: sync writes them whenever they differ. All others are ours: `born` gives their values for
    a row that sync inserts, and nothing here ever changes them. A record is matched by `ns_id`, then by external id
    (our id), then by `natural`, a column that names it in both worlds. `references` say which columns of a record hold
    ids of other records. A row whose record is gone gets the values of `gone`; without any it is deleted together with
    its `parts`, unless a column of `held_by` points at it.
    """

    model: type[Model]
    base: str  # NetSuite's table and its alias
    select: str
    columns: Mapping[str, Make]
    joins: str = ""
    where: str = "1 = 1"
    modified: bool = True  # whether it has `lastmodifieddate`
    born: Make = _nothing
    key: str = "id"  # the record's column that becomes the key of a new row
    natural: tuple[str, str] | None = None  # our column, the record's
    references: tuple[tuple[str, type[Model]], ...] = ()
    push_type: str = ""  # the record type under which we push such rows
    gone: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[tuple[type[Model], str], ...] = ()
    held_by: tuple[tuple[type[Model], str], ...] = ()

    @property
    def table(self) -> str:
        """Our table's name."""
        return self.model._meta.db_table

    @property
    def alias(self) -> str:
        """NetSuite's table, as the query calls it."""
        return self.base.split()[1]

    def sql(self, condition: str = "") -> str:
        """The query of all rows by id, or of those that meet a further condition; its last `?` is the key."""
        stamp = f", TO_CHAR({self.alias}.lastmodifieddate, '{ORACLE_FORMAT}') AS lm" if self.modified else ""
        return (
            f"SELECT {self.alias}.id, {self.select}{stamp} FROM {self.base} {self.joins} "  # noqa: S608 - our own words
            f"WHERE {self._where(condition)} AND {self.alias}.id > ? ORDER BY {self.alias}.id"
        )

    def ids_sql(self, condition: str) -> str:
        """The same with the ids alone."""
        return (
            f"SELECT {self.alias}.id FROM {self.base} "  # noqa: S608 - our own words
            f"WHERE {self._where(condition)} AND {self.alias}.id > ? ORDER BY {self.alias}.id"
        )

    def _where(self, condition: str) -> str:
        return f"{self.where} AND {condition}" if condition else self.where
