"""Lists of tables that grow with every run: a page costs the same however many rows there are.

Django counts every row for the number of pages, and reads every row for the values of a filter. Here a list has at most
10,000 rows (filters and the search reach the others), and filters read an index, or the newest rows.
"""

from typing import Any, Final

from django.contrib.admin import AllValuesFieldListFilter
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Field, Model
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


class ValuesLatelySeen(AllValuesFieldListFilter):
    """The values of a column in the newest 1,000 rows of the list; an older one can be searched for."""

    def __init__(
        self,
        field: "Field[Any, Any]",
        request: HttpRequest,
        params: dict[str, str],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        newest = model_admin.get_queryset(request).order_by(*model_admin.get_ordering(request))
        self.lookup_choices: Any = sorted(set(newest.values_list(field.name, flat=True)[:_NEWEST]))


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
