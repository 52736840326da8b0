"""Rows to read."""

from datetime import UTC, datetime

import pytest

from approvals.models import ProposedAction
from tests.integration.reading import world


@pytest.fixture
def rows(db: None) -> None:
    """The rows of `world`."""
    world.build()


@pytest.fixture
def proposals(db: None) -> None:
    """Four proposals on four days, the last one a letter."""
    ProposedAction.objects.bulk_create(
        ProposedAction(
            id=f"x{n}",
            action_type=action_type,
            customer_name=name,
            title=name,
            proposed_at=datetime(2026, 3, day, tzinfo=UTC),
            window_ends_at=datetime(2026, 5, 1, tzinfo=UTC),
            expires_at=datetime(2026, 5, 1, tzinfo=UTC),
            proposed_by="machine:test",
            run_id=f"r{n}",
            effects="[]",
            digest="",
        )
        for n, (action_type, name, day) in enumerate(
            [
                ("collection_action", "Ähre", 29),
                ("collection_action", "Juice", 30),
                ("collection_action", "Ähre", 31),
                ("customer_email", "Ähre", 31),
            ]
        )
    )
