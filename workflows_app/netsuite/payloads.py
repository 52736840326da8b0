"""An approved record as NetSuite takes it: numbers as numbers, placeholders as the ids they stand for.

Canonical text keeps decimals as text (`"39.95"`). Which of a record's texts are numbers to NetSuite is a closed list of
field names, as its API documents them.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

NUMBERS = frozenset(
    {
        *("amount", "altSalesTotal", "costEstimate", "creditLimit", "estGrossProfit", "estGrossProfitPercent"),
        *("exchangeRate", "handlingCost", "line", "openingBalance", "probability", "quantity", "rate", "shippingCost"),
    }
)


class UnresolvedError(Exception):
    """A placeholder whose row NetSuite does not know yet; `row_id` is the one to wait for."""

    def __init__(self, row_id: str) -> None:
        super().__init__(f"waits until NetSuite knows {row_id}")
        self.row_id = row_id


def wire(record: Mapping[str, Any], ns_id_of: Callable[[str], str]) -> dict[str, Any]:
    """The body to send. Raises `UnresolvedError`, and `ValueError` for a text that must be a number and is none."""
    return {name: _value(name, value, ns_id_of) for name, value in record.items()}


def sublists(record: Mapping[str, Any]) -> list[str]:
    """The names of a record's sublists; sent again, they must replace what is there, or lines double."""
    return sorted(name for name, value in record.items() if isinstance(value, dict) and set(value) == {"items"})


def _value(name: str, value: Any, ns_id_of: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return _resolved(value, ns_id_of) if "placeholder" in value else wire(value, ns_id_of)
    if isinstance(value, list):
        return [_value("", item, ns_id_of) for item in value]
    return _number(name, value) if name in NUMBERS and isinstance(value, str) else value


def _resolved(placeholder: Mapping[str, str], ns_id_of: Callable[[str], str]) -> str:
    if placeholder["placeholder"] != "ns_id":
        raise ValueError(f"the placeholder {placeholder['placeholder']} cannot be sent to NetSuite")
    found = ns_id_of(placeholder["of"])
    if not found:
        raise UnresolvedError(placeholder["of"])
    return found


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError(f"{name} is {text!r}, which is no number")
    return number
