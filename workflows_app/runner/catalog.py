"""Everything that a contract can name, gathered from the models and the registries."""

from functools import cache

from workflows_app.checks.registry import KINDS as VERIFY_KINDS
from workflows_app.contracts.catalog import Catalog
from workflows_app.delivery.letters import TEMPLATES
from workflows_app.models.catalog import tables
from workflows_app.providers.registry import PROVIDERS
from workflows_app.steps.registry import KINDS as STEP_KINDS


@cache
def catalog() -> Catalog:
    """The catalog of this process."""
    return Catalog(
        tables=tables(),
        step_kinds={name: kind.options for name, kind in STEP_KINDS.items()},
        verify_kinds={name: kind.options for name, kind in VERIFY_KINDS.items()},
        providers={name: provider.spec for name, provider in PROVIDERS.items()},
        templates=dict(TEMPLATES),
    )
