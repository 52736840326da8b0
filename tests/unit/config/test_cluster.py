"""The canary: a part of the cluster that says nothing for too long is noticed, and idleness is no silence."""

import os
import sys
from pathlib import Path

import pytest

from config.cluster import BEATS, Canary, Keeper
from workflows_app.runner import enqueue

START = 1000.0
LIMIT = 60.0


class Cluster:
    """The files of a cluster that was started at `START`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.canary = Canary(folder, LIMIT, START)

    def beat(self, at: float, *parts: str) -> None:
        for part in parts:
            os.utime(self.folder / part, times=(START + at, START + at))

    def silent(self, at: float) -> str:
        return self.canary.silent(START + at)


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """Just started."""
    return Cluster(tmp_path)


def test_a_cluster_has_its_time_to_start(cluster: Cluster) -> None:
    assert cluster.silent(60) == ""
    assert cluster.silent(61) == "sentinel"


@pytest.mark.parametrize(("well", "hangs"), [("pusher", "sentinel"), ("sentinel", "pusher")])
def test_a_part_that_hangs_is_named(cluster: Cluster, well: str, hangs: str) -> None:
    cluster.beat(10, "sentinel", "pusher")
    cluster.beat(65, well)

    assert cluster.silent(70) == ""
    assert cluster.silent(71) == hangs


def test_a_cluster_without_tasks_is_not_silent(cluster: Cluster) -> None:
    cluster.beat(0, "worker")
    cluster.beat(1, "monitor")
    for minute in range(100):
        cluster.beat(60 * minute, "sentinel", "pusher")
        assert cluster.silent(60 * minute) == ""


def test_a_task_that_is_never_reported_as_done_is_noticed(cluster: Cluster) -> None:
    for second in range(0, 500, 10):  # idle for long, then tasks that nobody reports
        cluster.beat(second, "sentinel", "pusher", *(["worker"] if second >= 400 else []))
        assert cluster.silent(second) == ("monitor" if second > 460 else "")


def test_tasks_that_are_done_one_after_the_other_are_no_trouble(cluster: Cluster) -> None:
    for second in range(0, 1000, 10):
        cluster.beat(second, "sentinel", "pusher", "worker")
        assert cluster.silent(second) == ""
        cluster.beat(second + 1, "monitor")
        assert cluster.silent(second + 1) == ""


@pytest.mark.parametrize("gone", ["sentinel", "pusher", "worker", "monitor"])
def test_a_part_whose_file_is_gone_is_as_one_that_hangs(cluster: Cluster, gone: str) -> None:
    (cluster.folder / gone).unlink()

    assert cluster.silent(1) == gone


def test_a_cluster_whose_folder_is_gone_is_ended() -> None:
    cleaner = f"import os, shutil, time; shutil.rmtree(os.environ['{BEATS}']); time.sleep(60)"

    assert Keeper([sys.executable, "-c", cleaner])._run_once() < 0


def test_both_sides_speak_of_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert enqueue.BEATS == BEATS
    Canary(tmp_path, LIMIT, START)
    monkeypatch.setenv(BEATS, str(tmp_path))

    for part in ("sentinel", "pusher", "worker", "monitor"):
        enqueue.beat(part)

    assert START not in {path.stat().st_mtime for path in tmp_path.iterdir()}


def test_without_a_keeper_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(BEATS, raising=False)

    enqueue.beat("pusher")
