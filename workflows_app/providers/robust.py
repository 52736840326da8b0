"""Robust statistics: numbers that one bad value cannot move."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

_TO_SIGMA = Decimal("1.4826")  # makes the MAD of normal noise comparable to a standard deviation


@dataclass(frozen=True, kw_only=True)
class Typical:
    """What is usual: the median of a series, its scaled MAD, and how many values it rests on."""

    median: Decimal
    mad: Decimal
    count: int

    def spread(self, least: Decimal) -> Decimal:
        """The scaled MAD, but at least `least`: a series without any noise (MAD 0) would make every change extreme."""
        return max(self.mad, least)


def typical(values: Sequence[Decimal]) -> Typical:
    """The median and the MAD (scaled by 1.4826) of at least one value, in the unit of the values."""
    middle = median(values)
    mad = _TO_SIGMA * median([abs(value - middle) for value in values])
    return Typical(median=middle, mad=mad, count=len(values))
