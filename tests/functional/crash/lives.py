"""The life of a process that the zygote forked: armed, perhaps made careless, at work until it dies."""

import os
import random
import signal
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tests.functional.crash import arming, defect, worker
from tests.functional.crash.control import CONTROLS
from tests.functional.crash.points import POINTS


def live(
    orders: str,
    marks: str,
    points: Sequence[str],
    how: str = "SIGKILL",
    most: int = 1_000_000,
    parts: Sequence[str] = (),
    also: Sequence[str] = (),
    sabotage: str = "",
) -> NoReturn:
    """Work to the end (`arming.Fate`). `parts` of `worker.PARTS`; `also`: beside what everybody does.

    `sabotage`: one of `control.CONTROLS`.
    """
    try:
        os.dup2(2, 1)  # stdout is the zygote's, for its answers
        random.seed()
        defect.build_in()
        if sabotage:
            CONTROLS[sabotage]()
        fate = arming.Fate(marks=Path(marks), how=signal.Signals[how], most=most)
        arming.arm([POINTS[name] for name in points], fate)
        worker.work_for_ever(Path(orders), parts, also)
    except BaseException:  # noqa: BLE001 whatever it is, it ends this process, and the log must say why
        traceback.print_exc()
    finally:
        os._exit(1)
