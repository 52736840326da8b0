"""People with their rights, the released contracts, and browsers that are logged in."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client


def person(name: str, group: str = "", **options: bool) -> User:
    """A member of the staff, in a group when one is named."""
    user = User.objects.create_user(name, is_staff=True, **options)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def browser(user: User, **options: bool) -> Client:
    """A browser in which `user` is logged in."""
    client = Client(**options)
    client.force_login(user)
    return client


@pytest.fixture
def mike(db: None) -> User:
    """The approver; not a superuser."""
    return person("mike", "Approvers")


@pytest.fixture
def console(mike: User) -> Client:
    """Mike's browser."""
    return browser(mike)


@pytest.fixture
def viewer(db: None) -> Client:
    """The browser of somebody who may look at everything."""
    return browser(person("vera", "Viewers"))


@pytest.fixture
def superuser(db: None) -> Client:
    """The browser of a superuser without the permission to decide."""
    return browser(person("root", is_superuser=True))


@pytest.fixture
def sales(db: None) -> Client:
    """The browser of somebody in Sales."""
    return browser(person("anna", "Sales"))


@pytest.fixture
def contracts(db: None) -> None:
    """All released contracts."""
    call_command("load_contracts", stdout=StringIO())
