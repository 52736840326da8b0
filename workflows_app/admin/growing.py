"""Lists of tables that grow with every run."""

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.views.main import ORDER_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.views import ChangeList

from workflows_app.admin.base import ReadOnlyAdmin
from workflows_app.admin.search import Way, found, helped

_REFUSED = "This long list cannot be sorted or narrowed like that: only its own filters and its search work."


class TooMuchToReadError(Exception):
    """An address asks for what would read every row of a table that grows."""


class GrowingList(ChangeList):  # type: ignore[misc]  # unfold has no type hints
    """A list that is narrowed by its own filters only. Django takes any column and any comparison from the address."""

    def get_filters(self, request: HttpRequest) -> Any:
        """The filters. Raises `TooMuchToReadError` for what none of them knows, and for another order."""
        found = super().get_filters(request)
        if found[2] or ORDER_VAR in request.GET:
            raise TooMuchToReadError
        return found


class GrowingAdmin(ReadOnlyAdmin):
    """A table to look at that has millions of rows one day: whatever the page offers is found by an index.

    `ordering` must be that of an index. No column sorts the list, as that would read every row; `search_by` says what
    the search finds rows by.
    """

    search_by: ClassVar[tuple[Way, ...]] = ()
    sortable_by = ()
    show_facets = ShowFacets.NEVER  # they count every row

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        """The list that refuses what would read everything."""
        return GrowingList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; back to all of it, with a message, when an address asks for what would read everything."""
        try:
            response: HttpResponse = super().changelist_view(request, extra_context)
        except TooMuchToReadError:
            messages.warning(request, _REFUSED)
            return HttpResponseRedirect(request.path)
        return response

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
