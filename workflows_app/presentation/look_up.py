"""The names of the rows that a card speaks of: at most one query per kind, and a bounded number of rows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Model, Q

from workflows_app.models import Customer, InboundEmail, PaymentTerm, SalesRep, SpecItem, Vendor
from workflows_app.presentation.moments import said
from workflows_app.presentation.names import Names, Place

_SUBJECT: Final = 80
MOST: Final = 500  # of one kind; the rest keep their ids

_KINDS: Final[Mapping[str, tuple[type[Model], str]]] = {
    "customer": (Customer, "companyname"),
    "item": (SpecItem, "description"),
    "rep": (SalesRep, "name"),
    "terms": (PaymentTerm, "name"),
    "vendor": (Vendor, "name"),
}


def look_up(places: Iterable[Place]) -> Names:
    """The names of those that are there. A kind that ends in `@` is looked up by NetSuite's id."""
    wanted: dict[str, set[Place]] = defaultdict(set)
    for place in places:
        wanted[place[0].removesuffix("@")].add(place)
    found: dict[Place, str] = {}
    for kind, (table, title) in _KINDS.items():
        if wanted[kind]:
            found |= _read(table, title, kind, sorted(wanted[kind])[:MOST])
    return found | _messages(sorted(wanted["message"])[:MOST])


def _messages(places: list[Place]) -> dict[Place, str]:
    """Mail that came in, by Message-ID, as people speak of it."""
    if not places:
        return {}
    rows = InboundEmail.objects.filter(message_id__in=[text for _kind, text in places])
    return {
        ("message", row.message_id): f"of {said(row.received_at)}, “{row.subject[:_SUBJECT]}”"
        for row in rows.only("message_id", "received_at", "subject")
    }


def _read(table: type[Model], title: str, kind: str, places: list[Place]) -> dict[Place, str]:
    ours = [text for name, text in places if name == kind]
    theirs = [text for name, text in places if name != kind]
    rows: Any = table._default_manager.filter(Q(pk__in=ours) | Q(ns_id__in=theirs)).values_list("pk", "ns_id", title)
    names: dict[Place, str] = {}
    for key, ns_id, name in rows:
        names[kind, key] = name
        names[f"{kind}@", ns_id or ""] = name
    return {place: names[place] for place in places if names.get(place)}
