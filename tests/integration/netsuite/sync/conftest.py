"""A sandbox over HTTP that answers with patience, and the people who keep its books."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.integration.netsuite.sync.books import Books
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.sandbox.server import Sandbox


@pytest.fixture
def sandbox(sandbox: Sandbox, settings: Settings) -> Sandbox:
    """An empty account that the settings lead to; the client waits as long as a page may take."""
    settings.NETSUITE = {**settings.NETSUITE, "TIMEOUT": 20.0}
    return sandbox


@pytest.fixture
def books(db: None, sandbox: Sandbox) -> Iterator[Books]:
    """What people do in NetSuite."""
    with connect() as client:
        yield Books(client)
