"""A filled installation with its console running, and mike's browser."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.functional.installation import ROOT, Installation, eventually, installed


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The company on a working day, with its console up."""
    with installed(tmp_path_factory.mktemp("office")) as installation:
        command = [sys.executable, "-m", "tests.functional.console.fill"]
        subprocess.run(command, cwd=ROOT, env=installation.environment, check=True, timeout=120)
        installation.start("web")
        eventually("the login page", installation.answers)
        yield installation


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all pages of a file. Its loop must not run on where others ask Django for rows."""
    with chromium() as running:
        yield running
