"""Every point, so many kills each: wave after wave on one company, then the count."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.points import POINTS, Point, waves
from tests.functional.crash.site import Site, site

# What somebody must order for these stages to be met.
_OTHERWISE = {"intervention": orders.CANCELLED, "rerun": orders.CONTINUED, "expiry": orders.EXPIRED}


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a campaign. `broken`: processes that ended by an error; `left`: what was not done in time."""

    kills: Counter[str]
    tally: far_ends.Tally
    broken: int
    left: dict[str, int]
    seconds: float
    log: str


def fight(folder: Path, kills: int) -> Report:
    """Kill a process so many times at each point, and count. The points of a wave are met in the same runs."""
    with site(folder, customers=4 * kills * len(waves()), clocks=kills) as company:
        given: list[orders.Order] = []
        done: list[storm.Wave] = []
        met: Counter[str] = Counter()
        for points in _rounds(met, kills):
            wanted = list(_orders(company, points, len(done), kills))
            also = ["hold"] if "hold" in _stages(points) else []
            done.append(storm.ride_out(company, wanted, points, most=kills, also=also, within=600 + 10 * kills))
            met |= done[-1].kills
            given += wanted
        return Report(
            kills=met,
            tally=far_ends.count(company, given),
            broken=sum(wave.broken for wave in done),
            left={name: count for wave in done for name, count in wave.left.items()},
            seconds=sum(wave.seconds for wave in done),
            log=company.log("workers"),
        )


def _rounds(met: Counter[str], kills: int) -> Iterator[list[Point]]:
    """Wave after wave, and once more what was met too seldom: who is late has lost its lease before such a point."""
    yield from waves()
    yield from waves(point for point in POINTS.values() if met[point.name] < point.kills(kills))


def _orders(company: Site, points: Sequence[Point], wave: int, kills: int) -> Iterator[orders.Order]:
    """Enough orders for so many kills at each of these points: not every workflow comes by every one."""
    stages = _stages(points)
    for point in points:
        if point.stage in _OTHERWISE:
            for number in range(point.kills(kills)):
                yield orders.ending_otherwise(_OTHERWISE[point.stage], f"{wave}-{number:04}")
    for number in range(kills):
        key = f"{wave}-{number:04}"
        if "event" in stages:
            yield orders.dispute(f"dispute-{key}", company.customers.pop())
        if "call" in stages:
            yield orders.customer_quote(f"quote-{key}", company.customers.pop())
        else:
            yield orders.new_customer(f"customer-{key}")


def _stages(points: Sequence[Point]) -> set[str]:
    return {point.stage for point in points}
