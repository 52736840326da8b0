"""A passkey in Chromium, with a virtual authenticator: set up, asked for as the second factor, and alone."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.once
PASSWORD = "a-good-long-one"


@pytest.fixture
def page(browser: Browser, root: User, live_server: LiveServer) -> Iterator[Page]:
    """A browser that holds keys. Passkeys belong to a name, never to an address of numbers."""
    context = browser.new_context(base_url=live_server.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield page
    context.close()


def log_in(page: Page) -> None:
    page.goto("/login/")
    page.fill("[name=login]", "root")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


def set_up(page: Page, *, alone: bool) -> None:
    log_in(page)
    page.goto("/account/second-factor/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    if alone:
        page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    expect(page.locator("h1")).to_have_text("Recovery Codes")
    page.get_by_role("button", name="Log out").click()


def inside(page: Page) -> None:
    """The front page came, and a page that asks for a login opens."""
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    assert page.request.get("/auth/user/", max_redirects=0).status == 200


def test_a_passkey_is_asked_for_after_the_password(page: Page) -> None:
    set_up(page, alone=False)
    assert Authenticator.objects.filter(type="webauthn").count() == 1

    log_in(page)
    page.wait_for_url("**/account/second-factor/authenticate/")
    page.click("#mfa_webauthn_authenticate")

    inside(page)


def test_a_passkey_opens_the_door_alone(page: Page) -> None:
    set_up(page, alone=True)

    page.goto("/login/")
    page.click("#passkey_login")

    inside(page)
