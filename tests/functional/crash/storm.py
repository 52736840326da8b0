"""A wave: orders are placed, processes die at the points of the wave, others take over, until nothing is left to do."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.functional.crash import orders
from tests.functional.crash.points import Point
from tests.functional.crash.site import Site, signal_of

Meanwhile = Callable[[], object]
PROCESSES = 2
STOPPED_SECONDS = 3.5  # longer than every lease here, with time for others to take over
_POLL_SECONDS = 0.01
_LOOK_SECONDS = 0.1
_ENDS = "('completed', 'partial', 'failed', 'blocked', 'rejected', 'expired', 'cancelled')"
# What still has to happen, in the words of the tables. A check of a letter that is uncertain waits for a person.
OPEN = {
    "runs that have not ended": f"SELECT COUNT(*) FROM workflow_runs WHERE status NOT IN {_ENDS}",
    "runs that are not continued": "SELECT COUNT(*) FROM workflow_runs r WHERE status = 'partial' AND NOT EXISTS "
    "(SELECT 1 FROM workflow_runs n WHERE n.trigger_key = 'rerun:' || r.id || ':1')",
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
    """What happened in one. `kills` (or stops) by the name of the point; `broken`: processes that ended by themselves.

    `left`: what was not done in time.
    """

    kills: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    seconds: float = 0.0
    left: dict[str, int] = field(default_factory=dict)


def ride_out(
    site: Site,
    given: Sequence[orders.Order],
    points: Iterable[Point] = (),
    *,
    meanwhile: Meanwhile = lambda: None,
    within: float = 600,
    **life: Any,
) -> Wave:
    """Let processes die at the points until every order is done, or time is up.

    `meanwhile` is called ten times a second. `life`: of each process, as `zygote.py` takes it: `how`, `most`, `parts`,
    `also`, `sabotage`.
    """
    path = site.folder / "orders.json"
    orders.write(given, path)
    names = [point.name for point in points]
    crowd = _Crowd(site, {"orders": str(path), "marks": str(site.marks), "points": names, **life})
    started = time.monotonic()
    try:
        while (left := left_to_do(site, given)) and time.monotonic() - started < within:
            meanwhile()
            crowd.keep(_LOOK_SECONDS)
    finally:
        crowd.end()
    kills = Counter({name: len(list((site.marks / name).glob("*"))) for name in names})
    return Wave(kills=kills, broken=crowd.broken, seconds=time.monotonic() - started, left=left)


def left_to_do(site: Site, given: Iterable[orders.Order]) -> dict[str, int]:
    """How much of what is still open, by name; empty when all is done."""
    rows = site.database.execute("SELECT trigger_key FROM workflow_runs UNION SELECT idempotency_key FROM event_ledger")
    known = {key for (key,) in rows}
    counts = {"orders": sum(order.known_as not in known for order in given)}
    counts |= {name: site.database.value(sql) for name, sql in OPEN.items()}
    return {name: count for name, count in counts.items() if count}


class _Crowd:
    """The processes of a wave: as many as should live do, whoever dies or stops is replaced."""

    def __init__(self, site: Site, life: dict[str, Any]) -> None:
        self._zygote = site.zygote
        self._life = life
        self._alive: set[int] = set()
        self._stopped: dict[int, float] = {}
        self.broken = 0

    def keep(self, seconds: float) -> None:
        """See to it for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._reap()
            self._wake()
            while len(self._alive) < PROCESSES:
                self._alive.add(self._zygote.ask("fork", **self._life))
            time.sleep(_POLL_SECONDS)

    def end(self) -> None:
        """Nobody of this wave is there for the next one."""
        for pid in self._alive | set(self._stopped):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self._alive or self._stopped:
            self._reap()
            time.sleep(_POLL_SECONDS)

    def _reap(self) -> None:
        for pid, status in self._zygote.ask("ended"):
            self._alive.discard(pid)
            self._stopped.pop(pid, None)
            if signal_of(status) == signal.SIGSTOP:
                self._stopped[pid] = time.monotonic()
            elif signal_of(status) != signal.SIGKILL:
                self.broken += 1

    def _wake(self) -> None:
        """Who was stopped for longer than its lease goes on where it was, late."""
        for pid, since in list(self._stopped.items()):
            if time.monotonic() - since > STOPPED_SECONDS:
                del self._stopped[pid]
                self._alive.add(pid)
                os.kill(pid, signal.SIGCONT)
