"""Names to ids, so that a chat can say whom and what it means. A bounded number of rows of the mirror."""

from collections.abc import Iterator
from typing import Final

from django.db.models import Q
from django.db.models.functions import Lower
from pydantic import BaseModel

from workflows_app.mcp.told import Count, Listed, Words
from workflows_app.models import Customer, SpecItem
from workflows_app.presentation.words import counted, money

_HINT: Final = "There are more: ask for a longer part of the name."


class CustomerTold(BaseModel):
    """A customer as the mirror of NetSuite knows it."""

    customer_id: str
    name: str
    email: str
    status: str


class Customers(Listed):
    """Customers that were found."""

    customers: list[CustomerTold]

    def lines(self) -> Iterator[str]:
        """One a line."""
        yield f"{counted(len(self.customers), 'customer')} found." if self.customers else "No customer was found."
        yield from (f"{row.customer_id}: {row.name}, {row.status}, {row.email}" for row in self.customers)
        yield self.hint


class ItemTold(BaseModel):
    """An item of the catalog. `list_price`: per case, before any discount."""

    item_code: str
    description: str
    pack_size: str
    list_price: str
    active: bool


class Items(Listed):
    """Items that were found."""

    items: list[ItemTold]

    def lines(self) -> Iterator[str]:
        """One a line."""
        yield f"{counted(len(self.items), 'item')} found." if self.items else "No item was found."
        for row in self.items:
            gone = "" if row.active else ", discontinued"
            yield f"{row.item_code}: {row.description}, {row.pack_size}, list price {row.list_price or 'none'}{gone}"
        yield self.hint


def find_customers(text: Words, limit: Count = 10) -> Customers:
    """Find customers by a part of their name, their exact email address or their id. Gives ids, names and status."""
    text = " ".join(text.split())
    one = Q(companyname__icontains=text) | Q(address=text.lower()) | Q(pk=text) | Q(ns_id=text)
    found = Customer.objects.alias(address=Lower("email")).filter(one).order_by(Lower("companyname"), "pk")
    rows = list(found[: limit + 1])
    return Customers(
        customers=[
            CustomerTold(customer_id=row.pk, name=row.companyname, email=row.email or "", status=row.entitystatus)
            for row in rows[:limit]
        ],
        more=len(rows) > limit,
        hint=_HINT if len(rows) > limit else "",
    )


def find_items(text: Words, limit: Count = 10) -> Items:
    """Find catalog items by a part of their description or the beginning of their code. Gives codes and list prices."""
    text = " ".join(text.split())
    one = Q(description__icontains=text) | Q(item_code__istartswith=text)
    rows = list(SpecItem.objects.filter(one).order_by("-active", "item_code")[: limit + 1])
    return Items(
        items=[
            ItemTold(
                item_code=row.pk,
                description=row.description,
                pack_size=row.pack_size,
                list_price=money(row.list_price),
                active=row.active,
            )
            for row in rows[:limit]
        ],
        more=len(rows) > limit,
        hint=_HINT if len(rows) > limit else "",
    )
