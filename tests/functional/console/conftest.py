"""A filled installation with its console running."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

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
