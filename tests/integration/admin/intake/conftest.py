"""The contracts and what the form picks from."""

import pytest

from tests import factories


@pytest.fixture(autouse=True)
def _contracts(contracts: None) -> None:
    factories.PaymentTermFactory(name="Net 30", days=30)
    factories.PaymentTermFactory(name="Net 15", days=15)
    factories.PricingTierFactory(tier="standard")
    factories.SalesRepFactory(id="rep-1", name="Bo Lind", email="bo@example.com")
