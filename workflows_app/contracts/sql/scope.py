"""Which names a part of a query may use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflows_app.contracts.catalog import Column
from workflows_app.contracts.sql.fragments import Fragment


@dataclass(frozen=True, kw_only=True)
class Source:
    """What stands in FROM under a name. `serial` tells apart sources of one name in different subqueries.

    `key`: the primary key column of a table. `optional`: behind a LEFT JOIN, so any column may be NULL.
    """

    name: str
    serial: int
    columns: Mapping[str, Column | None]
    key: str = ""
    optional: bool = False

    def column(self, name: str) -> Fragment:
        """A column of this source."""
        sql = f'"{self.name}"."{name}"'
        place = frozenset({f"{self.serial}.{name}"})
        return Fragment(sqlite=(sql,), postgresql=(sql,), type=self._type(name), loose=place)

    def _type(self, name: str) -> Column | None:
        found = self.columns[name]
        if found is None:
            return None
        nullable = found.nullable or self.optional
        return Column(kind=found.kind, scale=found.scale, nullable=nullable)


@dataclass(kw_only=True)
class Scope:
    """The sources and named subqueries (CTEs) of one SELECT, inside those of its parent."""

    parent: "Scope | None" = None
    ctes: Mapping[str, Mapping[str, Column | None]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    # Result columns, which HAVING, GROUP BY and ORDER BY may name.
    outputs: dict[str, Fragment] = field(default_factory=dict)
    # A table was not found, so that columns cannot be told wrong from right.
    incomplete: bool = False

    def chain(self) -> Iterator["Scope"]:
        """This scope and those around it, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def source(self, name: str) -> Source | None:
        """The nearest source of that name."""
        return next((scope.sources[name] for scope in self.chain() if name in scope.sources), None)

    def holders(self, column: str) -> list[Source]:
        """The sources that have `column`, all from the nearest scope in which any has it."""
        for scope in self.chain():
            found = [source for source in scope.sources.values() if column in source.columns]
            if found:
                return found
        return []
