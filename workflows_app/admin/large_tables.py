"""Lists of tables that grow with every run: a page costs the same however many rows there are.

Django counts every row for the number of pages, and reads every row for the values of a filter. Here a list has at most
10,000 rows (filters and the search reach the others), and a filter reads an index, or looks through the newest 10,000.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from django.contrib.admin import AllValuesFieldListFilter, ChoicesFieldListFilter, DateFieldListFilter, FieldListFilter
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

MOST_ROWS: Final = 10_000
_NEWEST: Final = 1_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first 10,000 rows; `capped` says that there are more."""

    template_name = "admin/countersign/pagination.html"

    @cached_property
    def count(self) -> int:
        """How many rows the pages have."""
        return min(self._found, MOST_ROWS)

    @property
    def capped(self) -> bool:
        """Whether there are rows that no page shows."""
        return self._found > MOST_ROWS

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: MOST_ROWS + 1].count())


class ValuesOfIndex(AllValuesFieldListFilter):
    """The values of a column that an index begins with: one look into the index for each value, not for each row."""

    def __init__(self, field: "Field[Any, Any]", request: HttpRequest, *arguments: Any, **named: Any) -> None:
        super().__init__(field, request, *arguments, **named)
        self.lookup_choices: Any = values_of_index(field.model, field.column)


class AmongNewest(FieldListFilter):
    """What makes a filter by a column that no index begins with look through the newest 10,000 rows of the list only.

    Of the values in `every` it finds all rows: they are few, and `within` is the condition of an index that has them.
    """

    every: ClassVar[frozenset[str]] = frozenset()
    within: ClassVar[Q] = Q()

    def __init__(
        self,
        field: "Field[Any, Any]",
        request: HttpRequest,
        params: dict[str, str],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        self._admin = model_admin
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self) -> list[str | None]:
        """As the filter's own links have it, or one value or several as the front page's have it."""
        own = super().expected_parameters() or []
        return list(dict.fromkeys([*own, f"{self.field_path}__exact", f"{self.field_path}__in"]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with what was chosen."""
        rows: QuerySet[Any] = super().queryset(request, queryset)  # type: ignore[assignment]
        values = set(self.chosen())
        if not values:
            return rows
        return rows.filter(self.within) if values <= self.every else rows.filter(self._admin.among_newest(MOST_ROWS))

    def chosen(self) -> Iterator[str]:
        """The values that were chosen."""
        parameters: dict[str, Any] = self.used_parameters
        for name, found in parameters.items():
            for value in found:
                yield from value if name.endswith("__in") else [str(value)]


class ValuesLatelySeen(AmongNewest, AllValuesFieldListFilter):
    """The values of a column in the newest 1,000 rows of the list, each looked for in the newest 10,000."""

    def __init__(self, field: "Field[Any, Any]", *arguments: Any, **named: Any) -> None:
        super().__init__(field, *arguments, **named)
        newest = field.model._default_manager.order_by(*self._admin.ordering)
        self.lookup_choices: Any = sorted({*newest.values_list(field.name, flat=True)[:_NEWEST], *self.every})

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Each value with spaces."""
        for choice in super().choices(changelist):
            yield {**choice, "display": str(choice["display"]).replace("_", " ")}


class ChoicesAmongNewest(AmongNewest, ChoicesFieldListFilter):
    """The choices of a column, each looked for in the newest 10,000 rows."""


class DatesAmongNewest(AmongNewest, DateFieldListFilter):
    """Since when, in the newest 10,000 rows."""


def every(*values: str, within: Q) -> type[ValuesLatelySeen]:
    """`ValuesLatelySeen` that finds all rows of these values, which an index with the condition `within` has."""
    return type("EveryOfSome", (ValuesLatelySeen,), {"every": frozenset(values), "within": within})


def values_of_index(model: type[Model], column: str) -> list[Any]:
    """Every value of an indexed column in order, each found from the one before it."""
    table, name = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(column)
    sql = f"""
        WITH RECURSIVE seen(value) AS (
            SELECT MIN({name}) FROM {table}
            UNION ALL
            SELECT (SELECT MIN({name}) FROM {table} WHERE {name} > value) FROM seen WHERE value IS NOT NULL
        ) SELECT value FROM seen WHERE value IS NOT NULL
    """  # noqa: S608 names of our own models
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]
