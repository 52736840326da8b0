"""Arms a process that was started with the settings of this package, such as a qcluster."""

import os
from pathlib import Path

from django.apps import AppConfig

FOLDER, MOST, POINTS = "CRASH_MARKS", "CRASH_MOST", "CRASH_POINTS"


class CrashConfig(AppConfig):
    """Shortens the waits of production; builds in the points that the environment names, separated by commas."""

    name = "tests.functional.crash"
    label = "crash"

    def ready(self) -> None:
        """Runs in every process, before anything else does."""
        # Django must be up before the modules that hold the points can be imported.
        from tests.functional.crash import arming, points, waits

        waits.shorten()
        names = [name for name in os.environ.get(POINTS, "").split(",") if name]
        if names:
            fate = arming.Fate(marks=Path(os.environ[FOLDER]), most=int(os.environ[MOST]))
            arming.arm([points.POINTS[name] for name in names], fate)
