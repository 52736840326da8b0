"""A superuser who may also decide, so that every page opens."""

import pytest
from django.contrib.auth.models import Group, User


@pytest.fixture
def root(transactional_db: None) -> User:
    """Everything opens for him."""
    user = User.objects.create_superuser("root", password="a-good-long-one")
    user.groups.add(Group.objects.get(name="Approvers"))
    return user
