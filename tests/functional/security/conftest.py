"""One Chromium, and a superuser who may also decide, so that every page opens."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext
from pytest_django.live_server_helper import LiveServer

from tests.browser import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Its loop runs in this thread, where Django would take a query for a mistake."""
    with pytest.MonkeyPatch.context() as patched, chromium() as browser:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


@pytest.fixture
def root(transactional_db: None) -> User:
    """Everything opens for him."""
    user = User.objects.create_superuser("root", password="a-good-long-one")
    user.groups.add(Group.objects.get(name="Approvers"))
    return user


def logged_in(browser: Browser, user: User, live_server: LiveServer, **options: object) -> BrowserContext:
    """A browser of `user`; `options` as Playwright has them."""
    client = Client()
    client.force_login(user)
    context = browser.new_context(base_url=live_server.url, **options)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return context
