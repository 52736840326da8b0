"""All runs of a backtest in sum: counts and amounts, however many there were."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from workflows_app.runner.backtest.comparing import Change, Compared
from workflows_app.runner.backtest.runs import Tried


@dataclass(kw_only=True)
class Sum:
    """How many changes of one sort there are, and the money on both sides."""

    count: int = 0
    was: Decimal = Decimal(0)
    now: Decimal = Decimal(0)

    def add(self, change: Change) -> None:
        """Count one more."""
        self.count += 1
        self.was += Decimal(change.amount_was or 0)
        self.now += Decimal(change.amount_now or 0)


@dataclass(kw_only=True)
class Sums:
    """`left_out`: runs that continue another one. `endings`: pairs of how the two sides of a run end."""

    runs: int = 0
    left_out: int = 0
    same: int = 0
    drifted: int = 0
    endings: Counter[tuple[str, str]] = field(default_factory=Counter)
    checks: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    changes: defaultdict[tuple[str, str], Sum] = field(default_factory=lambda: defaultdict(Sum))

    def add(self, tried: Tried) -> None:
        """Count one more run."""
        if tried.compared is None:
            self.left_out += 1
            return
        self.runs += 1
        self.drifted += tried.drifted
        self._add(tried.compared)

    def _add(self, compared: Compared) -> None:
        self.same += compared.same
        self.endings[compared.was.ending, compared.now.ending] += 1
        self.checks.update((each.check, each.was, each.now) for each in compared.checks)
        for change in compared.changes:
            self.changes[change.kind, change.how].add(change)

    def ended(self, side: int, ending: str) -> int:
        """How many runs end so on the first (0) or the second side (1)."""
        return sum(count for pair, count in self.endings.items() if pair[side] == ending)

    def newly(self, ending: str) -> int:
        """How many runs end so by the second side only."""
        return sum(count for (was, now), count in self.endings.items() if now == ending != was)

    def no_longer(self, ending: str) -> int:
        """How many runs end so by the first side only."""
        return sum(count for (was, now), count in self.endings.items() if was == ending != now)

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "runs": self.runs,
            "left_out": self.left_out,
            "same": self.same,
            "different": self.runs - self.same,
            "data_changed_since": self.drifted,
            "endings": [{"was": was, "now": now, "runs": n} for (was, now), n in sorted(self.endings.items())],
            "checks": [{"check": c, "was": was, "now": now, "runs": n} for (c, was, now), n in self._by_check()],
            "changes": [
                {"kind": kind, "how": how, "count": each.count, "amount_was": each.was, "amount_now": each.now}
                for (kind, how), each in sorted(self.changes.items())
            ],
        }

    def _by_check(self) -> Iterator[tuple[tuple[str, str, str], int]]:
        yield from sorted(self.checks.items())
