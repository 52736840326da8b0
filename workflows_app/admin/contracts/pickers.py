"""Names instead of ids in the start form: what is typed is looked up in the mirror.

An offer puts `Maple Ridge Schools · 1207` into its field; what stands behind the last dot is the id. A name that only
one row has is enough by itself. What is not found stays as it was typed: the contract's own checks judge it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, Q
from django.db.models.functions import Lower

from workflows_app.contracts.schema import Contract, InputSpec
from workflows_app.models import (
    Customer,
    InboundEmail,
    PaymentTerm,
    PricingTier,
    Quote,
    SalesRep,
    SpecItem,
    Transaction,
)
from workflows_app.presentation import words

SEPARATOR: Final = " · "
_MOST: Final = 12
_NEAR: Final = 60


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One row to choose. `value`: what the run is given; `typed`: what the field then shows; `note` tells it apart."""

    value: str
    typed: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table to choose from. `search`: some rows for the beginning of a name; `named`: the ids of an exact name."""

    one: str
    search: Callable[[str], list[Offer]]
    named: Callable[[str], list[str]]


def source_of(name: str, kind: str) -> Source | None:
    """Where the values of an input come from, by its name; None when they are free."""
    return _SOURCES.get(name) if kind in ("string", "list[string]") else None


def meant(source: Source, typed: str) -> str:
    """The id that is meant by what was typed. Raises `ValueError` when several rows have that name."""
    text = " ".join(typed.split())
    if SEPARATOR in text:
        return text.rpartition(SEPARATOR)[2]
    found = source.named(text) if text else []
    if text in found or not found:
        return text
    if len(found) > 1:
        raise ValueError(f"is not clear: there is more than one {source.one} called {text}. Choose one from the list.")
    return found[0]


def by_id(contract: Contract, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The raw inputs with ids in the place of names, and what is not clear, by input."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for spec in contract.inputs:
        try:
            values[spec.name] = _by_id(spec, inputs.get(spec.name))
        except ValueError as error:
            errors[spec.name] = str(error)
    return values, errors


def _by_id(spec: InputSpec, raw: Any) -> Any:
    source = source_of(spec.name, spec.type)
    if isinstance(raw, list):
        return [_by_id(spec.model_copy(update={"type": spec.type[5:-1]}), each) for each in raw]
    if isinstance(raw, dict):
        fields = {field.name: field for field in spec.fields}
        return {name: _by_id(fields[name], each) if name in fields else each for name, each in raw.items()}
    return meant(source, raw) if source and isinstance(raw, str) else raw


# --- the tables -------------------------------------------------------------------------------------------------------


def _joined(name: str, value: str) -> str:
    return f"{name}{SEPARATOR}{value}"


def _customers(text: str) -> list[Offer]:
    rows = Customer.objects.filter(Q(companyname__icontains=text) | Q(pk=text)).order_by(Lower("companyname"), "pk")
    return [
        Offer(
            value=row.pk, typed=_joined(row.companyname, row.pk), note=f"{row.entitystatus}, {row.email or 'no email'}"
        )
        for row in rows[:_MOST]
    ]


def _items(text: str) -> list[Offer]:
    rows = SpecItem.objects.filter(Q(description__icontains=text) | Q(item_code__istartswith=text)).order_by(
        "item_code"
    )
    return [
        Offer(
            value=row.pk,
            typed=_joined(row.description, row.pk),
            note=f"{row.pack_size}{'' if row.active else ', discontinued'}",
        )
        for row in rows[:_MOST]
    ]


def _invoices(text: str) -> list[Offer]:
    """Those whose number begins so: read in the order of their index from there on, as the table is large."""
    rows = Transaction.objects.filter(type="CustInvc", tranid__gte=text).order_by("tranid")[:_NEAR]
    near = [row for row in rows if row.tranid.startswith(text)][:_MOST]
    names = _names(row.customer_id for row in near)
    return [
        Offer(
            value=row.tranid,
            typed=row.tranid,
            note=f"{names.get(str(row.customer_id), 'no customer')}, {words.money(row.foreignamountunpaid)} open",
        )
        for row in near
    ]


def _names(ids: Iterable[str | None]) -> dict[str, str]:
    return {row.pk: row.companyname for row in Customer.objects.filter(pk__in={each for each in ids if each})}


def _quotes(text: str) -> list[Offer]:
    """Those of the customers who are called so, the newest first."""
    customers = {offer.value: offer.typed.rpartition(SEPARATOR)[0] for offer in _customers(text)}
    rows = Quote.objects.filter(Q(customer_id__in=customers) | Q(pk=text)).order_by("-generated_at")
    return [
        Offer(
            value=row.pk,
            typed=_joined(f"{customers.get(str(row.customer_id), 'Quote')}, {row.school_year}", row.pk),
            note=f"{row.lifecycle_status}, {words.money(row.total)}",
        )
        for row in rows[:_MOST]
    ]


def _emails(text: str) -> list[Offer]:
    """Of the newest sixty messages, those that speak of it."""
    rows = InboundEmail.objects.defer("text", "extracted").order_by("-received_at")[:_NEAR]
    found = [row for row in rows if text.casefold() in f"{row.subject} {row.sender}".casefold()]
    return [
        Offer(value=row.pk, typed=_joined(row.subject or "(no subject)", row.pk), note=row.sender)
        for row in found[:_MOST]
    ]


def _terms(text: str) -> list[Offer]:
    rows = PaymentTerm.objects.filter(name__icontains=text).order_by("days", "name")
    return [Offer(value=row.name, typed=row.name, note=f"{row.days} days") for row in rows[:_MOST]]


def _tiers(text: str) -> list[Offer]:
    rows = PricingTier.objects.filter(tier__icontains=text).order_by("tier")
    return [Offer(value=row.pk, typed=row.pk, note=f"{row.discount_pct} % off the list") for row in rows[:_MOST]]


def _reps(text: str) -> list[Offer]:
    rows = SalesRep.objects.filter(name__icontains=text).order_by("name", "pk")
    return [Offer(value=row.pk, typed=_joined(row.name, row.pk), note=row.email) for row in rows[:_MOST]]


def _by_name(model: type[Model], column: str) -> Callable[[str], list[str]]:
    """The ids of the rows with this very id or name, whatever its capitals."""

    def named(text: str) -> list[str]:
        rows: Any = model._default_manager.annotate(lower_name=Lower(column))
        found = rows.filter(Q(pk=text) | Q(lower_name=text.lower())).order_by("pk")
        return list(found.values_list("pk", flat=True)[:3])

    return named


def _as_typed(text: str) -> list[str]:
    """Their own words are their id."""
    return [text]


_SOURCES: Final[Mapping[str, Source]] = {
    "customer_id": Source(one="customer", search=_customers, named=_by_name(Customer, "companyname")),
    "email_uuid": Source(one="message", search=_emails, named=_as_typed),
    "invoice_ref": Source(one="invoice", search=_invoices, named=_as_typed),
    "item_code": Source(one="item", search=_items, named=_by_name(SpecItem, "description")),
    "item_codes": Source(one="item", search=_items, named=_by_name(SpecItem, "description")),
    "pricing_tier": Source(one="tier", search=_tiers, named=_as_typed),
    "quote_id": Source(one="quote", search=_quotes, named=_as_typed),
    "sales_rep": Source(one="sales rep", search=_reps, named=_by_name(SalesRep, "name")),
    "terms": Source(one="payment term", search=_terms, named=_as_typed),
}
