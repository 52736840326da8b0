"""The view object of the inbox: the list, what it can be narrowed to, and the card of the selected one."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from approvals.models import ProposedAction
from workflows_app.admin import access
from workflows_app.admin.inbox import order
from workflows_app.admin.inbox.filters import Filters
from workflows_app.admin.inbox.rows import Row, Waiting, count, read_rows
from workflows_app.admin.large_tables import values_of_index
from workflows_app.models import WorkflowContract
from workflows_app.presentation import words

Choice = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page of rows. `more` is the query of the next page, or nothing."""

    rows: tuple[Row, ...]
    more: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Inbox:
    """Everything beside the card. `refusal` says why the visitor cannot decide; empty when they can."""

    listed: Listed
    waiting: Waiting
    filters: Filters
    workflows: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    refusal: str


def read_listed(
    filters: Filters, visitor: access.Visitor, now: datetime, after: ProposedAction | None = None
) -> Listed:
    """The rows that come after `after`."""
    proposals = order.page(filters.narrow(order.waiting(now), visitor), now, after, order.PAGE + 1)
    shown = proposals[: order.PAGE]
    more = _with(filters, after=shown[-1].pk) if len(proposals) > len(shown) else ""
    return Listed(rows=read_rows(shown, now), more=more, query=filters.query)


def read_inbox(filters: Filters, visitor: access.Visitor, now: datetime, after: ProposedAction | None = None) -> Inbox:
    """A page of the inbox: the first, or what comes after `after`."""
    return Inbox(
        listed=read_listed(filters, visitor, now, after),
        waiting=count(filters.narrow(order.waiting(now), visitor), now),
        filters=filters,
        workflows=tuple(
            WorkflowContract.objects.filter(active=True).order_by("title").values_list("workflow_type", "title")
        ),
        kinds=tuple((kind, words.sentence(kind)) for kind in values_of_index(ProposedAction, "action_type")),
        refusal=access.decide_refusal(visitor),
    )


def _with(filters: Filters, **more: str) -> str:
    return "&".join(filter(None, (filters.query, urlencode(more))))
