"""Lists of tables that grow with every run."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.search import Way, found, helped


class GrowingAdmin(ReadOnlyAdmin):
    """A table to look at that has millions of rows one day: whatever the page offers is found by an index.

    `ordering` must be that of an index. No column sorts the list, as that would read every row; `search_by` says what
    the search finds rows by.
    """

    search_by: ClassVar[tuple[Way, ...]] = ()
    sortable_by = ()

    def among_newest(self, many: int) -> Q:
        """What is true of the newest `many` rows only: their beginning in the order of the list."""
        order = self.ordering[0]
        column = order.removeprefix("-")
        edge = list(self.model._default_manager.order_by(order).values_list(column, flat=True)[many - 1 : many])
        return Q(**{f"{column}__gte": edge[0]}) if edge else Q()

    @property
    def search_help_text(self) -> str:
        """What the search finds rows by."""
        return helped(self.search_by)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Whether there is a box to search in; nothing looks into these columns."""
        return ("pk",) if self.search_by else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that the text finds; no row twice."""
        text = search_term.strip()
        return (found(queryset, self.search_by, text) if text else queryset), False
