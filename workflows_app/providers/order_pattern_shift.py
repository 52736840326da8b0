"""Order pattern shift: a customer's weekly cases against his own twelve weeks before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from workflows_app.providers.base import cents
from workflows_app.providers.findings import Finding
from workflows_app.providers.robust import Typical, typical
from workflows_app.providers.scan_data import WEEKS, Quantity, ScanData
from workflows_app.providers.season import Seasons, total

LEAST_WEEKS = 6  # comparable weeks needed for any verdict
DEVIATIONS = Decimal("3.5")  # scaled MADs from the median
LEAST_NOISE = Decimal("0.15")  # of the median: with 3.5 deviations, a change below half is never a shift
LEAST_CASES = Decimal("1.5")  # the same for small buyers: a change of five cases or less is never a shift
LEAST_SILENCE = 3  # weeks
REGULAR = Decimal("0.5")  # of the weeks before the silence had an order
LEAST_ORDERS = 4
_JUDGED = WEEKS - 1


@dataclass(frozen=True, kw_only=True)
class Shift:
    """What changed: `surge` or `drop` of cases in the judged week, or `stopped` for a number of weeks."""

    change: str
    usual: Typical
    cases: Decimal = Decimal(0)
    silent_weeks: int = 0


def order_findings(data: ScanData) -> Iterator[Finding]:
    """Customers who order otherwise than usual. One finding per customer and item, or per customer who fell silent.

    The last full week (Monday to Sunday) is judged against those of the twelve weeks before it that were about as busy
    for the other customers (`Seasons`); with fewer than 6 such weeks there is no verdict, so a holiday or a term start
    is not an anomaly of each customer.

    surge, drop: cases differ from the median by more than 3.5 times the scaled MAD, which counts as at least 15 % of
    the median and at least 1.5 cases. The median must be above zero: a new or occasional item is not judged. A week
    without the item is no drop but perhaps a silence, and a large order after such weeks stands for them too.
    stopped: no order in the last k comparable weeks, k at least 3 and at least 3 times the usual interval, after
    ordering in at least half of the weeks before, and at least 4 times. A customer without any order in those weeks is
    one finding of the customer, instead of one for each item.

    Severity: high for stopped, medium for a drop and for a surge to three times the median, else low.
    """
    seasons = Seasons(data)
    for customer, items in sorted(data.orders.items()):
        weeks = seasons.comparable_weeks(customer)
        if len(weeks) >= LEAST_WEEKS:
            yield from _of_customer(data, customer, items, weeks)


def _of_customer(
    data: ScanData, customer: str, items: Mapping[str, Quantity], weeks: Sequence[int]
) -> Iterator[Finding]:
    everything = total(items)
    silence = _stopped(everything, weeks)
    if silence is not None:
        yield _finding(data, customer, None, silence)
    if _JUDGED not in everything:
        return
    for item, quantities in sorted(items.items()):
        shift = _changed(quantities, weeks) or _stopped(quantities, weeks)
        if shift is not None:
            yield _finding(data, customer, item, shift)


def _changed(quantities: Quantity, weeks: Sequence[int]) -> Shift | None:
    if _JUDGED not in quantities:
        return None
    usual = typical([quantities.get(week, Decimal(0)) for week in weeks])
    far = DEVIATIONS * usual.spread(max(LEAST_NOISE * usual.median, LEAST_CASES))
    cases = quantities[_JUDGED]
    if usual.median > 0 and cases / (1 + _silent(quantities, weeks)) > usual.median + far:
        return Shift(change="surge", usual=usual, cases=cases)
    if usual.median > 0 and cases < usual.median - far:
        return Shift(change="drop", usual=usual, cases=cases)
    return None


def _stopped(quantities: Quantity, weeks: Sequence[int]) -> Shift | None:
    if _JUDGED in quantities:
        return None
    silent = _silent(quantities, weeks)
    before = weeks[: len(weeks) - silent]
    ordered = [quantities[week] for week in before if week in quantities]
    if len(ordered) < LEAST_ORDERS or len(ordered) < REGULAR * len(before):
        return None
    if (silent + 1) * len(ordered) < LEAST_SILENCE * len(before):
        return None
    return Shift(change="stopped", usual=typical(ordered), silent_weeks=silent + 1)


def _silent(quantities: Quantity, weeks: Sequence[int]) -> int:
    """How many comparable weeks before the judged one had no order since the last order in any week."""
    last = max((week for week in quantities if week != _JUDGED), default=-1)
    return sum(week > last for week in weeks)


def _finding(data: ScanData, customer: str, item: str | None, shift: Shift) -> Finding:
    name = data.buyers[customer].name
    what = "anything" if item is None else f"{item} {data.items[item]}"
    return Finding(
        kind="order_pattern_shift",
        entity_type="customer" if item is None else "customer_item",
        entity_id=customer if item is None else f"{customer}:{item}",
        severity=_severity(shift),
        title=_title(name, what, shift),
        evidence={
            "change": shift.change,
            "cases": cents(shift.cases),
            "usual_cases": cents(shift.usual.median),
            "mad": cents(shift.usual.mad),
            "weeks_compared": shift.usual.count,
            "silent_weeks": shift.silent_weeks,
        },
        remedy_kind="call_account",
        remedy_text=f"Call {name}: {_QUESTIONS[shift.change]}",
        customer_id=customer,
        customer_name=name,
        item_code=item,
    )


_QUESTIONS = {
    "surge": "is the larger order meant, and will it stay? Check the stock.",
    "drop": "why are they taking less, and who supplies the rest?",
    "stopped": "why did the orders stop, and what would bring them back?",
}


def _severity(shift: Shift) -> str:
    if shift.change == "stopped":
        return "high"
    return "medium" if shift.change == "drop" or shift.cases >= 3 * shift.usual.median else "low"


def _title(name: str, what: str, shift: Shift) -> str:
    usual = f"{shift.usual.median.normalize():f} cases a week"
    if shift.change == "stopped":
        return f"{name} has not ordered {what} for {shift.silent_weeks} weeks; before, usually {usual}."
    return f"{name} ordered {shift.cases.normalize():f} cases of {what} last week; usually {usual}."
