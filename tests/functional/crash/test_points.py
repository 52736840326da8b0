"""The list of points is what it says it is."""

import os
import subprocess
import sys
from collections import Counter

from tests.functional.crash.points import POINTS, waves
from tests.functional.installation import ROOT

_RESOLVE = """
import django
django.setup()
from tests.functional.crash import arming, points
for point in points.POINTS.values():
    owner, name = arming.resolve(point.target)
    assert callable(getattr(owner, name)), point.name
"""


def test_every_point_is_a_function_that_exists() -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.functional.crash.settings",
        "SECRET_KEY": "not-a-secret",
    }
    subprocess.run([sys.executable, "-c", _RESOLVE], cwd=ROOT, env=environment, check=True)


def test_every_point_is_in_one_wave_and_no_wave_has_two_of_a_stage() -> None:
    assert Counter(point.name for wave in waves() for point in wave) == Counter(list(POINTS))
    assert all(len({point.stage for point in wave}) == len(wave) for wave in waves())


def test_nothing_of_production_knows_of_the_points() -> None:
    folders = ("approvals", "config", "workflows_app")
    named = [
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "crash_" in path.read_text().lower()
    ]
    assert named == []
