"""A wave: orders are placed, processes die at the points of the wave, others take over, until nothing is left to do."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.functional.crash import orders
from tests.functional.crash.points import Point
from tests.functional.crash.site import Site, signal_of

PROCESSES = 2
_POLL_SECONDS = 0.01
_LOOK_SECONDS = 0.1
_ENDS = "('completed', 'partial', 'failed', 'blocked', 'rejected', 'expired', 'cancelled')"
# What still has to happen, in the words of the tables. A check of a letter that is uncertain waits for a person.
OPEN = {
    "runs that have not ended": f"SELECT COUNT(*) FROM workflow_runs WHERE status NOT IN {_ENDS}",
    "cards": "SELECT COUNT(*) FROM proposed_actions WHERE status = 'pending' OR "
    "(status = 'approved' AND outcome = 'approved' AND step <> '')",
    "events": "SELECT COUNT(*) FROM event_ledger WHERE dispatched_at IS NULL",
    "letters": "SELECT COUNT(*) FROM outbound_email_log WHERE status IN ('queued', 'sending')",
    "pushes": "SELECT COUNT(*) FROM ns_pending_pushes WHERE status NOT IN ('applied', 'conflict', 'dead')",
    "checks": "SELECT COUNT(*) FROM workflow_verify_results v WHERE status = 'pending' AND NOT EXISTS (SELECT 1 FROM "
    "outbound_email_log e JOIN proposed_actions p ON p.id = e.proposed_action "
    "WHERE p.run_id = v.run_id AND p.step = v.after_step AND e.status IN ('uncertain', 'failed'))",
}


@dataclass(kw_only=True)
class Wave:
    """What happened in one. `kills` by the name of the point; `broken`: processes that ended by themselves."""

    kills: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    seconds: float = 0.0
    left: dict[str, int] = field(default_factory=dict)


def ride_out(
    site: Site,
    given: Sequence[orders.Order],
    points: Iterable[Point] = (),
    *,
    within: float = 120,
    **life: Any,
) -> Wave:
    """Let processes die at the points until every order is done, or time is up (then `left` says what is).

    `life`: of each process, as `zygote.py` takes it: `how`, `most`, `sabotage`.
    """
    path = site.folder / "orders.json"
    orders.write(given, path)
    wave, started, alive = Wave(), time.monotonic(), set[int]()
    names = [point.name for point in points]
    request = {"orders": str(path), "marks": str(site.marks), "points": names, **life}
    try:
        while (left := left_to_do(site, given)) and time.monotonic() - started < within:
            _keep_alive(site, alive, request, wave)
    finally:
        _end(site, alive)
    wave.left, wave.seconds = left, time.monotonic() - started
    wave.kills = Counter({name: len(list((site.marks / name).glob("*"))) for name in names})
    return wave


def left_to_do(site: Site, given: Iterable[orders.Order]) -> dict[str, int]:
    """How much of what is still open, by name; empty when all is done."""
    rows = site.database.execute("SELECT trigger_key FROM workflow_runs UNION SELECT idempotency_key FROM event_ledger")
    known = {key for (key,) in rows}
    counts = {"orders": sum(order.known_as not in known for order in given)}
    counts |= {name: site.database.value(sql) for name, sql in OPEN.items()}
    return {name: count for name, count in counts.items() if count}


def _keep_alive(site: Site, alive: set[int], request: dict[str, object], wave: Wave) -> None:
    """For a moment, see that as many processes live as should."""
    end = time.monotonic() + _LOOK_SECONDS
    while time.monotonic() < end:
        for pid, status in site.zygote.ask("ended"):
            alive.discard(pid)
            wave.broken += signal_of(status) != signal.SIGKILL
        while len(alive) < PROCESSES:
            alive.add(site.zygote.ask("fork", **request))
        time.sleep(_POLL_SECONDS)


def _end(site: Site, alive: set[int]) -> None:
    """No process of this wave is there for the next one."""
    for pid in alive:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while alive:
        alive -= {pid for pid, _ in site.zygote.ask("ended")}
        time.sleep(_POLL_SECONDS)
