"""Which weeks can be compared: school holidays and term starts change everybody's orders at once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from workflows_app.providers.scan_data import WEEKS, Quantity, ScanData

LIKE = Decimal("0.6")  # a week is like another when their levels differ by no more than this factor
LEAST_GROUP = 8  # customers of a tier before the tier is a season of its own; smaller tiers are pooled
_CAP = Decimal(3)  # one customer's surge must not look like a season


class Seasons:
    """The level of each week around a customer: how busy the *other* customers of the group were.

    A customer's level of a week is his cases in it divided by his own mean week (at most 3, so that nobody makes a
    season alone). The level around him is the mean over the others of his group; the group is his pricing tier (schools
    have other holidays than hospitals) when at least 8 of it ordered, else all customers of small tiers together. With
    no others, every week is like every other.
    """

    def __init__(self, data: ScanData) -> None:
        levels = {customer: _levels(total(items)) for customer, items in data.orders.items()}
        sizes = Counter(data.buyers[customer].tier for customer in levels)
        self._group = {
            customer: data.buyers[customer].tier if sizes[data.buyers[customer].tier] >= LEAST_GROUP else ""
            for customer in levels
        }
        self._levels = levels
        self._sums: dict[str, list[Decimal]] = {}
        self._sizes: dict[str, int] = {}
        for customer, own in levels.items():
            self._add(self._group[customer], own)

    def _add(self, group: str, own: Sequence[Decimal]) -> None:
        sums = self._sums.setdefault(group, [Decimal(0)] * WEEKS)
        self._sums[group] = [one + other for one, other in zip(sums, own, strict=True)]
        self._sizes[group] = self._sizes.get(group, 0) + 1

    def comparable_weeks(self, customer: str) -> list[int]:
        """The weeks before the last full one that were about as busy as it was, oldest first."""
        around = self._around(customer)
        if around is None:
            return list(range(WEEKS - 1))
        judged = around[WEEKS - 1]
        return [week for week in range(WEEKS - 1) if _alike(around[week], judged)]

    def _around(self, customer: str) -> list[Decimal] | None:
        group = self._group[customer]
        others = self._sizes[group] - 1
        if not others:
            return None
        own = self._levels[customer]
        return [(level - mine) / others for level, mine in zip(self._sums[group], own, strict=True)]


def total(items: Mapping[str, Quantity]) -> Quantity:
    """Cases of all items together by week."""
    weeks: Quantity = {}
    for quantities in items.values():
        for week, cases in quantities.items():
            weeks[week] = weeks.get(week, Decimal(0)) + cases
    return weeks


def _levels(weeks: Quantity) -> list[Decimal]:
    mean = sum(weeks.values(), Decimal(0)) / WEEKS
    if mean <= 0:
        return [Decimal(0)] * WEEKS
    return [min(weeks.get(week, Decimal(0)) / mean, _CAP) for week in range(WEEKS)]


def _alike(one: Decimal, other: Decimal) -> bool:
    """Both busy, and neither less than 0.6 of the other. A week in which nobody ordered is like no other."""
    return one > 0 and other > 0 and min(one, other) >= LIKE * max(one, other)
