"""JSON as NetSuite reads and writes it: exact numbers in both directions."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def encoded(body: Mapping[str, Any]) -> bytes:
    """The body of a request; a Decimal becomes a JSON number. Raises `ValueError` when that would change it."""
    return json.dumps(body, default=_number, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def decoded(text: str) -> Any:
    """The body of an answer, its fractions as Decimal. Raises `ValueError`."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def _number(value: object) -> int | float:
    """JSON has no decimals; fifteen digits survive as a float's shortest text."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} cannot be sent to NetSuite")
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} has more digits than a JSON number keeps")
    return number


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number")
