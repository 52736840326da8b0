"""People with passwords, and browsers that log in as people do."""

import pytest
from django.contrib.auth.models import Group, User
from django.http import HttpResponse
from django.test import Client

PASSWORD = "correct-horse-battery"


def person(name: str, group: str = "", **options: bool) -> User:
    """A member of the staff with `PASSWORD`, in a group when one is named."""
    user = User.objects.create_user(name, password=PASSWORD, **{"is_staff": True, **options})
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def log_in(client: Client, name: str = "mike", password: str = PASSWORD, **headers: str) -> HttpResponse:
    """Post the login form; what the site answered, unfollowed."""
    return client.post("/login/", {"login": name, "password": password}, **headers)


@pytest.fixture
def mike(db: None) -> User:
    """The approver, with a password."""
    return person("mike", "Approvers")
