"""The contracts and what the form picks from."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests import factories


@pytest.fixture(autouse=True)
def _fresh_hour() -> Iterator[None]:
    """Nobody has asked yet who looks alike: accounts of other tests had the same numbers."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _contracts(contracts: None) -> None:
    factories.PaymentTermFactory(name="Net 30", days=30)
    factories.PaymentTermFactory(name="Net 15", days=15)
    factories.PricingTierFactory(tier="standard")
    factories.SalesRepFactory(id="rep-1", name="Bo Lind", email="bo@example.com")
