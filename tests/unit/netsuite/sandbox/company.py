"""A small company in the sandbox: a customer, two items."""

from dataclasses import dataclass
from typing import Any

from tests.unit.netsuite.sandbox.visitor import Visitor


@dataclass(frozen=True, kw_only=True)
class Company:
    """Internal ids."""

    customer: str
    rice: str
    beans: str

    def lines(self, *quantities: float) -> dict[str, Any]:
        """Numbered lines of rice at 10.50."""
        items = [
            {"line": number, "item": {"id": self.rice}, "quantity": quantity, "rate": 10.5}
            for number, quantity in enumerate(quantities, start=1)
        ]
        return {"items": items}


def company(visitor: Visitor) -> Company:
    """Make it."""
    price = {"items": [{"priceLevel": {"id": "1"}, "price": 20.25}]}
    return Company(
        customer=visitor.new("customer", companyName="Ada"),
        rice=visitor.new("inventoryItem", itemId="RICE", displayName="Rice"),
        beans=visitor.new("inventoryItem", itemId="BEANS", displayName="Beans", price=price),
    )
