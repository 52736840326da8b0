"""Mike, the contracts, a small company, and a database file that several threads can use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from pytest_django import Settings

from approvals.clock import database_now
from tests import endpoints
from tests.sandbox import Hands
from tests.world import World, load_contracts
from workflows_app.models import WorkflowContract
from workflows_app.netsuite.sandbox.server import Sandbox


@pytest.fixture
def mike(db: None) -> User:
    """The approver."""
    user = User.objects.create_user("mike")
    user.groups.add(Group.objects.get(name="Approvers"))
    return user


@pytest.fixture
def world(mike: User) -> World:
    """All contracts, active since long ago, and mike."""
    load_contracts()
    return World(mike=mike)


@pytest.fixture
def nothing_due(world: World) -> None:
    """The schedules begin now: a pass by the real clock does not first walk through everything due since long ago."""
    WorkflowContract.objects.update(activated_at=database_now())


@pytest.fixture
def site(settings: Settings) -> Iterator[endpoints.Site]:
    """Our own site answers as the test says."""
    settings.WSGI_APPLICATION = "tests.endpoints.application"
    endpoints.site.answers.clear()
    endpoints.site.keys.clear()
    yield endpoints.site
    endpoints.site.answers.clear()


@pytest.fixture
def hands() -> Hands:
    """The sandbox's clock."""
    return Hands()


@pytest.fixture
def sandbox(settings: Settings, tmp_path: Path, hands: Hands) -> Iterator[Sandbox]:
    """An empty NetSuite, to which the settings lead."""
    with Sandbox(tmp_path / "sandbox", clock=hands) as running:
        settings.NETSUITE = {**settings.NETSUITE, **running.django_settings, "TIMEOUT": 10.0}
        yield running


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """On SQLite, move the test database from memory into a file: memory has no real locks between threads."""
    original = connections["default"]
    if original.vendor != "sqlite":
        yield
        return
    settings = connections.settings["default"]
    connections.settings["default"] = {**settings, "NAME": str(tmp_path / "threads.sqlite3")}
    connections["default"] = connections.create_connection("default")
    _copy(original, connections["default"])
    yield
    connections["default"].close()
    connections.settings["default"] = settings
    connections["default"] = original


def _copy(source: object, target: object) -> None:
    source.ensure_connection()
    target.ensure_connection()
    source.connection.backup(target.connection)
