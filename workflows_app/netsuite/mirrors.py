"""Which of our rows copy which NetSuite record, and what NetSuite's answers do to them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Model, Value, When

from workflows_app.models import Customer, PaymentTerm, Quote, SalesRep, SpecItem, Vendor

# A row that is pushed has the id that the record has as external id (DESIGN.md section 2).
MIRRORS: Mapping[str, type[Customer] | type[Quote]] = {"customer": Customer, "estimate": Quote}
# Rows that a placeholder `ns_id` may mean; ids born here name their kind, and NetSuite's own are customers' first.
_REFERRED: tuple[type[Model], ...] = (Customer, Quote, PaymentTerm, SalesRep, SpecItem, Vendor)


def mirror_row(record_type: str, external_id: str) -> Customer | Quote | None:
    """The row that copies a record; None when there is none, or no table for such records."""
    model = MIRRORS.get(record_type)
    return None if model is None else model._default_manager.filter(pk=external_id).first()


def known_modified(record_type: str, external_id: str) -> datetime | None:
    """When NetSuite last changed the record, as far as we know; None for one that NetSuite has not confirmed yet."""
    model = MIRRORS.get(record_type)
    if model is None:
        return None
    return model._default_manager.filter(pk=external_id).values_list("lastmodifieddate", flat=True).first()


def ns_id_of(row_id: str) -> str:
    """NetSuite's internal id of one of our rows; nothing while NetSuite does not know it."""
    return next(_known_ids(row_id), "")


def confirm(record_type: str, external_id: str, *, ns_id: str, modified: datetime | None) -> None:
    """Copy what NetSuite confirmed to our row; a prospect becomes a customer."""
    model = MIRRORS.get(record_type)
    if model is None:
        return
    facts: dict[str, Any] = {"ns_id": ns_id}
    if modified is not None:
        facts["lastmodifieddate"] = modified
    if model is Customer:
        facts["entitystatus"] = Case(When(entitystatus="prospect", then=Value("active")), default="entitystatus")
    model._default_manager.filter(pk=external_id).update(**facts)


def link(record_type: str, external_id: str, ns_id: str) -> bool:
    """Say which NetSuite record our row copies; False when we have no such row."""
    model = MIRRORS.get(record_type)
    return model is not None and bool(model._default_manager.filter(pk=external_id).update(ns_id=ns_id))


def _known_ids(row_id: str) -> Iterator[str]:
    for model in _REFERRED:
        yield from filter(None, model._default_manager.filter(pk=row_id).values_list("ns_id", flat=True))
