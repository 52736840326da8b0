"""A quote draft, put up for a decision."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any

from django.db.models.functions import Lower
from pydantic import BaseModel, ConfigDict, Field

from workflows_app.mcp.cards import CardTold, CheckTold, checks
from workflows_app.mcp.principal import CHAT
from workflows_app.mcp.told import Key, RefusedError, Told, Words
from workflows_app.mcp.tools.proposals import ProposalTold, card_of, listed
from workflows_app.mcp.workflow import refuse_paused
from workflows_app.models import Customer
from workflows_app.models.run import TERMINAL
from workflows_app.presentation.card import read_check
from workflows_app.runner.preconditions import blocking, in_words
from workflows_app.triggers import quote_draft

_MOST_ITEMS = 500


class QuoteItem(BaseModel):
    """One item of a quote."""

    model_config = ConfigDict(extra="forbid")

    item_code: str = Field(min_length=1, max_length=40, description="An item code, as find_items gives it.")
    case_price: Decimal | None = Field(
        default=None, description="The price per case to offer, such as 41.25; without one it is priced as usual."
    )


class QuoteDraftTold(Told):
    """The draft as it waits for a decision. `warnings`: checks that did not hold, such as unknown item codes."""

    run_id: str
    proposal: ProposalTold
    card: CardTold | None
    digest: str
    warnings: list[CheckTold]

    def lines(self) -> Iterator[str]:
        """What was put up, and what comes next."""
        yield f"{self.proposal.title}: staged as proposal {self.proposal.proposal_id} ({self.proposal.status})."
        yield self.proposal.summary
        yield from (f"Warning: {check.name}: {check.detail}" for check in self.warnings)
        yield from self.card.lines() if self.card else ()
        yield (
            "Nothing was written or sent. When a person approves the draft, the quote is planned with all prices and "
            f"waits for a second decision. {self.proposal.link}"
        ).rstrip()


def propose_quote_draft(
    customer: Annotated[Words, Field(description="The customer's id, or its exact name; find_customers gives both.")],
    school_year: Annotated[Words, Field(description="Such as 2026-27.")],
    items: Annotated[list[QuoteItem], Field(min_length=1, max_length=_MOST_ITEMS)],
    key: Key,
    include_pdf: Annotated[bool, Field(description="Render the PDF and attach it to the customer's letter.")] = True,
    quote_id: Annotated[str, Field(max_length=100, description="A quote to revise; empty: a new quote.")] = "",
    catalog: Annotated[str, Field(max_length=80, description="Printed on the quote.")] = "",
) -> QuoteDraftTold:
    """Put a quote draft up for a decision. Nothing is written, priced or sent before a person approves it."""
    refuse_paused(quote_draft.WORKFLOW)
    inputs: dict[str, Any] = {
        "customer_id": _customer_id(customer),
        "item_codes": [item.item_code for item in items],
        "school_year": school_year,
        "quote_id": quote_id,
        "catalog": catalog,
        "include_pdf": include_pdf,
        "prices": [
            {"item_code": item.item_code, "case_price": item.case_price}
            for item in items
            if item.case_price is not None
        ],
    }
    return _told(quote_draft.propose(inputs, principal=CHAT, key=key))


def _customer_id(text: str) -> str:
    """The customer that is meant, by id or by exact name. Raises `RefusedError` when that is nobody or several."""
    wanted = " ".join(text.split())
    if Customer.objects.filter(pk=wanted).exists():
        return wanted
    named = Customer.objects.annotate(lower_name=Lower("companyname")).filter(lower_name=wanted.lower())
    found = list(named.order_by("pk").values_list("pk", flat=True)[:5])
    if not found:
        raise RefusedError(f"There is no customer {text!r}. find_customers finds them by a part of the name.")
    if len(found) > 1:
        raise RefusedError(f"Several customers are called {text!r}: {', '.join(found)}. Give one of these ids.")
    return found[0]


def _told(draft: quote_draft.QuoteDraft) -> QuoteDraftTold:
    if draft.proposal is None:
        raise RefusedError(_why_not(draft))
    return QuoteDraftTold(
        run_id=draft.run.pk,
        proposal=listed(draft.proposal),
        card=card_of(draft.proposal),
        digest=draft.proposal.digest,
        warnings=checks([read_check(check) for check in draft.warnings]),
    )


def _why_not(draft: quote_draft.QuoteDraft) -> str:
    """Why there is no proposal, or not yet: during a hold it is staged when the hold is lifted."""
    run = draft.run
    if run.status not in TERMINAL:
        return f"Not staged yet: run {run.pk} is {run.status}. Ask again later with the very same arguments and key."
    stopped = blocking(draft.warnings)
    why = in_words(stopped) if stopped else f"run {run.pk} is {run.status} {run.error}".strip()
    return f"No draft was staged: {why}. Mend that, then ask again with a new key."
