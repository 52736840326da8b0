"""Runs the qcluster, and runs it again when any part of it dies: `python -m config.cluster`.

Half a cluster is worse than none, and django-q2 leaves halves behind (docs/django_q2.md): killed workers can wedge the
others, a killed sentinel leaves workers without schedules, a killed main leaves everything running unseen. So the
cluster has a process group of its own, and when one part dies the whole group is killed and started anew. Runs lose
nothing by it: what was under way is taken up again when its lease is over.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from types import FrameType

COMMAND = [sys.executable, "manage.py", "qcluster"]
# Tells the cluster that its group is its own, so that `EndTheGroup` may end it.
OWN_GROUP = "CLUSTER_HAS_ITS_OWN_GROUP"
_POLL_SECONDS = 0.2
# Between two lives of the cluster; doubled up to the limit while it does not even start (the database is away).
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
# For tasks to end by themselves after SIGTERM; honcho kills after five seconds.
_GRACE_SECONDS = 4.0


class EndTheGroup(logging.Handler):
    """django-q2 logs the death of a worker, the pusher or the monitor as critical: then the whole group ends."""

    def __init__(self) -> None:
        super().__init__(level=logging.CRITICAL)

    def emit(self, record: logging.LogRecord) -> None:
        """End the group, when it is the cluster's own."""
        if os.environ.get(OWN_GROUP):
            print(f"{record.getMessage()}: ending the cluster", file=sys.stderr, flush=True)  # noqa: T201
            os.killpg(0, signal.SIGKILL)


class Keeper:
    """Keeps one cluster running until SIGTERM or SIGINT."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._cluster: subprocess.Popen[bytes] | None = None
        self._deadline: float | None = None

    def keep(self) -> None:
        """Run the cluster again and again."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        pause = _PAUSE_SECONDS
        while self._deadline is None:
            code = self._run_once()
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS) if code > 0 else _PAUSE_SECONDS
            if self._deadline is None:
                _say(f"The cluster ended with {code}; it is started again in {pause:.0f} s.")
                self._rest(pause)

    def _run_once(self) -> int:
        """One life of the cluster; the exit code of its main process, negative when a signal killed it."""
        self._cluster = subprocess.Popen(  # noqa: S603 the command is ours
            self._command, env={**os.environ, OWN_GROUP: "yes"}, start_new_session=True
        )
        while self._cluster.poll() is None and (self._deadline is None or time.monotonic() < self._deadline):
            time.sleep(_POLL_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._cluster.pid, signal.SIGKILL)
        return self._cluster.wait()

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._deadline is None and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """Ask the cluster to end; its main process only, as django-q2 hangs when every part is asked."""
        if self._deadline is None:
            self._deadline = time.monotonic() + _GRACE_SECONDS
            if self._cluster is not None:
                self._cluster.terminate()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 the log of a small launcher


if __name__ == "__main__":
    Keeper(COMMAND).keep()
