"""Formats of inputs: what no type and no pattern can say. Each has a sentence for the person who typed it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

FormatName = Literal["amount", "price", "school_year"]

_CENT = Decimal("0.01")
_TOO_MUCH = Decimal(100_000_000)
_SCHOOL_YEAR = re.compile(r"[0-9]{2}([0-9]{2})-([0-9]{2})")


@dataclass(frozen=True, kw_only=True)
class Format:
    """`of` is the input type that it narrows; `sentence` goes on from the name of the input."""

    of: str
    holds: Callable[[Any], bool]
    sentence: str


def _is_amount(value: Decimal) -> bool:
    return 0 <= value < _TOO_MUCH and value == value.quantize(_CENT)


def _is_school_year(value: str) -> bool:
    """Two years in a row, such as 2026-27 and 2099-00."""
    match = _SCHOOL_YEAR.fullmatch(value)
    return match is not None and (int(match[1]) + 1) % 100 == int(match[2])


FORMATS: Mapping[FormatName, Format] = {
    "amount": Format(
        of="decimal",
        holds=_is_amount,
        sentence="must be an amount of 0 or more, with at most two decimals, such as 2500.00",
    ),
    "price": Format(
        of="decimal",
        holds=lambda value: value > 0 and _is_amount(value),
        sentence="must be an amount above 0, with at most two decimals, such as 12.50",
    ),
    "school_year": Format(
        of="string",
        holds=_is_school_year,
        sentence="must be a school year such as 2026-27, the second year following the first",
    ),
}
