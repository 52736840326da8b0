import pytest

from workflows_app.providers.registry import PROVIDERS


def test_providers_are_registered_under_their_own_names():
    assert {"quote_pricing", "anomaly_scan"} <= set(PROVIDERS)
    assert all(provider.spec.name == name for name, provider in PROVIDERS.items())


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_key_and_editable_fields_are_columns(name):
    spec = PROVIDERS[name].spec

    assert {spec.key, *spec.editable} <= set(spec.columns)
