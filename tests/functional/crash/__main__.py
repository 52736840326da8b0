"""`python -m tests.functional.crash [--kills N]`: N kills at every point (200), and what was lost or doubled.

On SQLite, or on PostgreSQL: `python -m tests.postgres python -m tests.functional.crash`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.functional.crash.campaign import Report, fight
from tests.functional.crash.points import POINTS


def main() -> int:
    """Fight and report; exit code 1 when anything is lost, doubled or unfinished."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    kills = parser.parse_args().kills
    with tempfile.TemporaryDirectory(prefix="countersign-crash-") as folder:
        report = fight(Path(folder), kills)
    sys.stdout.writelines(f"{line}\n" for line in _lines(report))
    return int(bool(report.tally.lost or report.tally.doubled or report.left or report.broken))


def _lines(report: Report) -> list[str]:
    tally = report.tally
    return [
        *(f"{report.kills[name]:6} kills  {point.stage:10} {name}" for name, point in POINTS.items()),
        f"{report.kills.total():6} kills at {len(POINTS)} points in {report.seconds:.0f} s; {tally.facts} facts",
        f"{len(tally.lost):6} lost      {'; '.join(tally.lost[:20])}",
        f"{len(tally.doubled):6} doubled   {'; '.join(tally.doubled[:20])}",
        f"{tally.uncertain:6} letters uncertain",
        *(f"{count:6} {name} unfinished" for name, count in report.left.items()),
        *([report.log[-3000:]] if report.broken else []),
    ]


if __name__ == "__main__":
    sys.exit(main())
