"""kill -9 at every point: nothing is lost, nothing is doubled, every run ends (QUALITY.md, test 1)."""

import os
from pathlib import Path

from tests.functional.crash.campaign import fight
from tests.functional.crash.points import POINTS

# Two hundred each, by hand: python -m tests.functional.crash
KILLS = int(os.environ.get("CRASH_KILLS", "10"))
# Between the claim of a letter and the word that it was sent: only there may it stay open whether it arrived.
LETTER_POINTS = 3


def test_processes_that_die_lose_and_double_nothing(tmp_path: Path) -> None:
    report = fight(tmp_path, KILLS)

    assert report.left == {}, report.log[-3000:]
    assert report.broken == 0, report.log[-3000:]
    assert report.tally.lost == []
    assert report.tally.doubled == []
    assert report.tally.uncertain <= LETTER_POINTS * KILLS
    assert {name: report.kills[name] for name in POINTS if report.kills[name] < POINTS[name].kills(KILLS)} == {}
