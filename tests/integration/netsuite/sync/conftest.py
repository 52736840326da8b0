"""A sandbox over HTTP that answers with patience."""

import pytest
from pytest_django import Settings

from workflows_app.netsuite.sandbox.server import Sandbox


@pytest.fixture
def sandbox(sandbox: Sandbox, settings: Settings) -> Sandbox:
    """An empty account that the settings lead to; the client waits as long as a page may take."""
    settings.NETSUITE = {**settings.NETSUITE, "TIMEOUT": 20.0}
    return sandbox
