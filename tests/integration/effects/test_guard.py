"""What fails in the guard is undone; trouble of the database that passes by itself is worth another try."""

import pytest
from django.db import DataError, InterfaceError, OperationalError

from tests.factories import CustomerFactory
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.models import Customer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "permanent"),
    [(OperationalError, False), (InterfaceError, False), (DataError, True), (ZeroDivisionError, True)],
)
def test_what_passes_by_itself_is_worth_another_try(error: type[Exception], permanent: bool) -> None:
    with pytest.raises(EffectError) as raised, guarded():
        _fail(error("oops"))

    assert raised.value.permanent is permanent
    assert not Customer.objects.exists()


def _fail(error: Exception) -> None:
    """Write something, and fail."""
    CustomerFactory()
    raise error
