"""`python -m tests.functional.crash.zygote`: starts Django once and forks workers from it; a start takes milliseconds.

Reads one request per line (JSON) and answers with one line each: `{"do": "furnish", "customers": n, "clocks": n}` with
the customers; `{"do": "fork", …}` (`lives.py`) with a process id; `{"do": "ended"}` with `[[pid, status], …]` of those
that ended or stopped since. Whatever it forked ends with it.
"""

import gc
import json
import os
import signal
import sys
from typing import Any

import django
from django.db import connections

django.setup()

from tests.functional.crash import company, lives  # noqa: E402 Django must be up first

_alive: set[int] = set()


def main() -> None:
    """Answer until stdin ends."""
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


def _furnish(customers: int, clocks: int) -> list[dict[str, str]]:
    found = company.furnish(customers, clocks)
    company.warm_up(found)
    connections.close_all()  # a connection must not be shared with what is forked
    gc.collect()
    gc.freeze()  # what is never looked at again is never copied either
    return found


def _fork(**life: Any) -> int:
    pid = os.fork()
    if not pid:
        lives.live(**life)
    _alive.add(pid)
    return pid


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
