"""Checks to be looked at."""

from collections.abc import Callable
from datetime import datetime

import pytest

from approvals.clock import database_now
from tests.company import item
from tests.integration.runner.looking import CONTRACT, Looking
from tests.world import World, release_text
from workflows_app.checks.registry import KINDS
from workflows_app.models import VerifyResult
from workflows_app.runner.verify_staging import GRACE


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Looking:
    """The kind `sql` looks this way."""
    kind = Looking()
    monkeypatch.setattr(KINDS["sql"], "execute", kind.execute)
    return kind


@pytest.fixture
def due(world: World) -> Callable[[int], datetime]:
    """Stage so many checks of one run; the moment at which they are due."""
    item("MILK")
    release_text(CONTRACT)
    run = world.through_the_gate("look")

    def stage(number: int) -> datetime:
        now = database_now()
        fixed = {"run": run, "kind": "sql", "window_seconds": 0, "due_at": now, "give_up_at": now + GRACE}
        names = [f"check {index}" for index in range(number)]
        rows = [VerifyResult(name=name, spec=f'{{"name":"{name}"}}', created_at=now, **fixed) for name in names]
        VerifyResult.objects.bulk_create(rows)
        return now

    return stage
