"""A sandbox of its own for every test, and a visitor who is logged in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.netsuite.sandbox.visitor import Visitor
from workflows_app.netsuite.sandbox.server import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """An empty sandbox that runs."""
    with Sandbox(tmp_path) as running:
        yield running


@pytest.fixture
def visitor(sandbox: Sandbox) -> Iterator[Visitor]:
    """Somebody with a token."""
    found = Visitor(sandbox)
    yield found
    found.http.close()
