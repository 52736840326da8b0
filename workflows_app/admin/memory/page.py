"""One page of the memory, with what each row leads to. A constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from approvals.models import ProposedAction
from workflows_app.admin.memory.question import PAGE_ROWS, Question
from workflows_app.models import Customer
from workflows_app.models.run import RunStatus
from workflows_app.presentation.remembered import in_words
from workflows_app.reading.memory import Memory, search

_CUSTOMER = "customer:"


@dataclass(frozen=True, kw_only=True)
class Tag:
    """A tag in words, and the question that also asks for it."""

    text: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one run remembers and how it ended, its customers and its gate as far as they are still there."""

    memory: Memory
    status: str
    tags: tuple[Tag, ...]
    customers: tuple[Customer, ...]
    proposal: ProposedAction | None


@dataclass(frozen=True, kw_only=True)
class Page:
    """What was asked and what was found. `previous`, `next`: addresses of the pages beside it, or nothing."""

    question: Question
    rows: tuple[Row, ...]
    previous: str
    next: str


def memory_page(question: Question) -> Page:
    """Ask the memory."""
    best = question.order == "best"
    found = search(question.q, question.tags, best_first=best, limit=PAGE_ROWS, offset=question.offset, told=in_words)
    return Page(
        question=question,
        rows=_rows(found.rows, question),
        previous=question.at(question.page - 1) if question.page > 1 else "",
        next=question.at(question.page + 1) if found.more else "",
    )


def _rows(memories: Sequence[Memory], question: Question) -> tuple[Row, ...]:
    named = {memory.run_id: _customer_ids(memory.tags) for memory in memories}
    customers = Customer.objects.only("id", "companyname").in_bulk({key for keys in named.values() for key in keys})
    gates = [memory.proposal_id for memory in memories if memory.proposal_id]
    proposals = ProposedAction.objects.only("id", "title", "status").in_bulk(gates)
    return tuple(
        Row(
            memory=memory,
            status=RunStatus(memory.status).label.lower(),
            tags=tuple(Tag(text=tag, link=question.with_tag(tag)) for tag in memory.tags),
            customers=tuple(customers[key] for key in named[memory.run_id] if key in customers),
            proposal=proposals.get(memory.proposal_id),
        )
        for memory in memories
    )


def _customer_ids(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(tag.removeprefix(_CUSTOMER) for tag in tags if tag.startswith(_CUSTOMER))
