"""Runs the qcluster, and runs it again when any part of it dies: `python -m config.cluster`.

Half a cluster is worse than none, and django-q2 leaves halves behind (docs/django_q2.md): killed workers can wedge the
others, a killed sentinel leaves workers without schedules, a killed main leaves everything running unseen. So the
cluster has a process group of its own, and when one part dies or hangs the whole group is killed and started anew. Runs
lose nothing by it: what was under way is taken up again when its lease is over.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

COMMAND = [sys.executable, "manage.py", "qcluster"]
# Tells the cluster that its group is its own, so that `EndTheGroup` may end it.
OWN_GROUP = "CLUSTER_HAS_ITS_OWN_GROUP"
# The folder in which each part of the cluster says that it is alive.
BEATS = "CLUSTER_BEATS"
_POLL_SECONDS = 0.2
# Between two lives of the cluster; doubled up to the limit while it does not even start (the database is away).
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
# Longer than a task may take (`timeout` in the settings): a pusher whose workers are busy waits for them.
_SILENCE_SECONDS = float(os.environ.get("CLUSTER_SILENCE_SECONDS", "360"))
_REGULAR = ("sentinel", "pusher")
_PARTS = (*_REGULAR, "worker", "monitor")
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


class Canary:
    """Listens to the parts of one life of a cluster: each touches a file of its own (`runner/enqueue.py`).

    The times of the files, and `now`, are the machine's monotonic clock, in seconds. `limit`: the longest silence.
    """

    def __init__(self, folder: Path, limit: float, now: float) -> None:
        self._folder = folder
        self._limit = limit
        self._asked = now
        for part in _PARTS:
            (folder / part).touch()
            os.utime(folder / part, times=(now, now))

    def silent(self, now: float) -> str:
        """A part that has said nothing for too long, or whose file is gone; or the empty text."""
        for part in _PARTS:
            try:
                last = self._last(part)
            except OSError:  # somebody cleaned up: nobody can hear this life of the cluster any more
                return part
            if part in _REGULAR and now - last > self._limit:
                return part
        return "monitor" if self._unanswered(now) else ""

    def _unanswered(self, now: float) -> bool:
        """Whether a task was begun that long ago and none has been reported as done since."""
        if self._last("monitor") >= self._asked:
            self._asked = self._last("worker")
        return self._last("monitor") < self._asked < now - self._limit

    def _last(self, part: str) -> float:
        return (self._folder / part).stat().st_mtime


class Keeper:
    """Keeps one cluster running until SIGTERM or SIGINT."""

    def __init__(self, command: list[str], silence: float = _SILENCE_SECONDS) -> None:
        self._command = command
        self._silence = silence
        self._cluster: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._deadline: float | None = None  # of this life

    def keep(self) -> None:
        """Run the cluster again and again."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        pause = _PAUSE_SECONDS
        while not self._stopping:
            code = self._run_once()
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS) if code > 0 else _PAUSE_SECONDS
            if not self._stopping:
                _say(f"The cluster ended with {code}; it is started again in {pause:.0f} s.")
                self._rest(pause)

    def _run_once(self) -> int:
        """One life of the cluster; the exit code of its main process, negative when a signal killed it."""
        self._deadline = None
        with TemporaryDirectory(prefix="cluster-") as folder:
            canary = Canary(Path(folder), self._silence, time.monotonic())
            self._cluster = subprocess.Popen(  # noqa: S603 the command is ours
                self._command, env={**os.environ, OWN_GROUP: "yes", BEATS: folder}, start_new_session=True
            )
            if self._stopping:  # asked in this very moment
                self._end()
            while self._cluster.poll() is None and (self._deadline is None or time.monotonic() < self._deadline):
                time.sleep(_POLL_SECONDS)
                self._listen(canary)
            with suppress(ProcessLookupError):
                os.killpg(self._cluster.pid, signal.SIGKILL)
            return self._cluster.wait()

    def _listen(self, canary: Canary) -> None:
        """A cluster that hangs is ended as one that is asked to stop, and is started again."""
        part = "" if self._deadline else canary.silent(time.monotonic())
        if part:
            _say(f"The {part} has said nothing for {self._silence:.0f} s: ending the cluster.")
            self._end()

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop for good."""
        if not self._stopping:
            self._stopping = True
            self._end()

    def _end(self) -> None:
        """Ask the cluster to end; its main process only, as django-q2 hangs when every part is asked."""
        self._deadline = time.monotonic() + _GRACE_SECONDS
        if self._cluster is not None:
            self._cluster.terminate()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 the log of a small launcher


if __name__ == "__main__":
    Keeper(COMMAND).keep()
