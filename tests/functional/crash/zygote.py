"""`python -m tests.functional.crash.zygote`: starts Django once and forks workers from it; a start takes milliseconds.

Reads one request per line (JSON) and answers with one line each: `{"do": "furnish", "customers": n, "clocks": n}` with
the customers; `{"do": "fork", …}` (see `_live`) with a process id; `{"do": "ended"}` with `[[pid, status], …]` of those
that ended or stopped since. Whatever it forked ends with it.
"""

import gc
import json
import os
import random
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import django


def main() -> None:
    """Answer until stdin ends."""
    django.setup()
    answers = {"furnish": _furnish, "fork": _fork, "ended": _ended}
    try:
        for line in sys.stdin:
            request = json.loads(line)
            answer = answers[request.pop("do")](**request)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    finally:
        for pid in _alive:
            os.kill(pid, signal.SIGKILL)


_alive: set[int] = set()


def _furnish(customers: int, clocks: int) -> list[dict[str, str]]:
    from django.db import connections

    from tests.functional.crash import company

    found = company.furnish(customers, clocks)
    company.warm_up(found)
    gc.collect()
    gc.freeze()  # what is never looked at again is never copied either
    connections.close_all()  # a connection must not be shared with what is forked
    return found


def _fork(**life: Any) -> int:
    pid = os.fork()
    if not pid:
        _live(**life)
    _alive.add(pid)
    return pid


def _live(
    orders: str,
    marks: str,
    points: Sequence[str],
    how: str = "SIGKILL",
    most: int = 1_000_000,
    parts: Sequence[str] = (),
    sabotage: str = "",
) -> NoReturn:
    """The life of a worker (see `arming.Fate`, `worker.PARTS`, `control.CONTROLS`); nothing of the zygote's goes on."""
    from tests.functional.crash import arming, worker
    from tests.functional.crash.control import CONTROLS
    from tests.functional.crash.points import POINTS

    try:
        os.dup2(2, 1)
        random.seed()
        if sabotage:
            CONTROLS[sabotage]()
        fate = arming.Fate(marks=Path(marks), how=signal.Signals[how], most=most)
        arming.arm([POINTS[name] for name in points], fate)
        worker.work_for_ever(Path(orders), parts)
    except BaseException:  # noqa: BLE001 whatever it is, it ends this process, and the log must say why
        traceback.print_exc()
    finally:
        os._exit(1)


def _ended() -> list[tuple[int, int]]:
    found = []
    while _alive:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if not pid:
            break
        if not os.WIFSTOPPED(status):
            _alive.discard(pid)
        found.append((pid, status))
    return found


if __name__ == "__main__":
    main()
