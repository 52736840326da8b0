"""A customer and two items, of which a chat may speak."""

import pytest

from tests.company import customer, item
from tests.world import World
from workflows_app.models import Customer


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer, milk at 20.00 and apples at 30.00."""
    item("MILK", "20.00", description="Whole milk")
    item("APPLE", "30.00", description="Red apples")
    return customer("Oak School")
