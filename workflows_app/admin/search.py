"""The search of lists that grow: it finds rows by an index or not at all, and says by what.

Django's own search looks into the middle of every text of every row, which took half a minute in half a million runs.
Here a text is an id or its beginning, or a customer, who is looked up among the customers first. Each way of finding
reads a bounded number of rows, however many there are.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Lower

from approvals.models import ProposedAction
from workflows_app.models import Customer, WorkflowRun

MOST_FOUND: Final = 1_000
_CUSTOMERS: Final = 20
_OF_A_CUSTOMER: Final = MOST_FOUND // _CUSTOMERS
# Above every character that a text may go on with.
_LAST: Final = "\U0010ffff"

Keys = Iterable[Any]


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to find rows. `says` completes "Search by …"; `find(model, text)` gives at most 1,000 primary keys."""

    says: str
    find: Callable[[type[Model], str], Keys]


def found(rows: QuerySet[Any], ways: Iterable[Way], text: str) -> QuerySet[Any]:
    """The rows that at least one way finds by the text."""
    keys = {key for way in ways for key in way.find(rows.model, text)}
    return rows.filter(pk__in=keys)


def helped(ways: Iterable[Way]) -> str:
    """What stands in the box and below it."""
    return f"Search by {', '.join(way.says for way in ways)}"


def exactly(column: str, says: str) -> Way:
    """The whole text of an indexed column."""
    return Way(says=says, find=lambda model, text: _keys(_all(model).filter(**{column: text})))


def beginning(column: str, says: str) -> Way:
    """The text of a primary key, of a unique column or of one with an index for patterns, or how it begins."""
    return Way(says=says, find=lambda model, text: _keys(_all(model).filter(begins(column, text))))


def of_run(column: str = "run_id") -> Way:
    """What belongs to a run, by the run's id or its beginning."""
    return Way(says="run id", find=lambda model, text: _among(model, column, _run_ids(text)))


def of_customer(column: str, newest: str) -> Way:
    """What an indexed column says is a customer's, the latest of each by `newest`, which the index goes on with.

    The customer is looked for by a part of the name, the email address or the id.
    """

    def find(model: type[Model], text: str) -> Keys:
        return _newest_of_each(model, column, newest, [customer.pk for customer in customers(text)])

    return Way(says="customer", find=find)


def named_customer() -> Way:
    """Proposals by their customer, the latest of each. They carry the name that the customer had then."""
    return Way(says="customer", find=lambda model, text: _proposals_of(text))


def runs_of_customer() -> Way:
    """Runs with a proposal about a customer."""

    def find(model: type[Model], text: str) -> Keys:
        proposals = ProposedAction.objects.filter(pk__in=list(_proposals_of(text))).exclude(run_id="")
        return set(proposals.values_list("run_id", flat=True))

    return Way(says="customer", find=find)


def of_proposals(*ways: Way, column: str = "proposal_id") -> Way:
    """What hangs on proposals, by what finds those."""

    def find(model: type[Model], text: str) -> Keys:
        proposals = {key for way in ways for key in way.find(ProposedAction, text)}
        return _among(model, column, proposals)

    return Way(says=", ".join(way.says for way in ways), find=find)


def begins(column: str, text: str) -> Q:
    """Whether the column begins with the text, said as each database finds it in an index.

    SQLite's LIKE, which is ours here, uses none, and its texts are in the order of their characters; PostgreSQL's texts
    are in the order of a language, and its LIKE has indexes of its own.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + _LAST})
    return Q(**{f"{column}__startswith": text})


def customers(text: str) -> list[Customer]:
    """The first customers by a part of the name, the email address or the id. Their table does not grow with runs."""
    one = Q(companyname__icontains=text) | Q(address=text.lower()) | Q(pk=text) | Q(ns_id=text)
    return list(Customer.objects.alias(address=Lower("email")).filter(one).order_by("companyname", "pk")[:_CUSTOMERS])


def _proposals_of(text: str) -> Keys:
    names = dict.fromkeys([text, *(customer.companyname for customer in customers(text))])
    return _newest_of_each(ProposedAction, "customer_name", "proposed_at", names)


def _newest_of_each(model: type[Model], column: str, newest: str, values: Iterable[str]) -> Keys:
    """The latest rows of each value: one look into the index for each, at most so many in all."""
    for value in values:
        rows = _all(model).filter(**{column: value}).order_by(f"-{newest}")
        yield from rows.values_list("pk", flat=True)[:_OF_A_CUSTOMER]


def _run_ids(text: str) -> Keys:
    return _keys(WorkflowRun.objects.filter(begins("pk", text)))


def _among(model: type[Model], column: str, values: Keys) -> Keys:
    return _keys(_all(model).filter(**{f"{column}__in": list(values)}))


def _keys(rows: QuerySet[Any]) -> Keys:
    return rows.order_by().values_list("pk", flat=True)[:MOST_FOUND]


def _all(model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.all()
