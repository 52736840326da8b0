"""The second factor: set up, asked for, counted, required."""

import re
import time
from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from approvals.models import Decision
from tests.integration.admin.rows import leaf, letter, stage
from tests.integration.security.conftest import PASSWORD, log_in, person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SECRET = "JBSWY3DPEHPK3PXP"
ASK = "/account/second-factor/authenticate/"
HOME = "/account/second-factor/"


def code(secret: str = SECRET, periods: int = 0) -> str:
    """What the app shows now, or `periods` half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + periods))


@pytest.fixture(autouse=True)
def _no_code_was_used() -> Iterator[None]:
    """allauth remembers in the cache which codes were used, by the user's number."""
    cache.clear()
    yield
    cache.clear()


def confirmed(client: Client) -> None:
    """Log in, and give the password once more, as changing the second factor asks for."""
    log_in(client)
    client.post("/account/confirm/", {"password": PASSWORD})


@pytest.fixture
def armed(mike: User) -> User:
    """Mike, with an authenticator app."""
    TOTP.activate(mike, SECRET)
    return mike


def test_an_app_is_set_up_and_asked_for_at_the_next_login(mike: User, client: Client) -> None:
    confirmed(client)
    page = client.get("/account/second-factor/totp/activate/")
    secret = page.context["form"].secret

    done = client.post("/account/second-factor/totp/activate/", {"code": code(secret)}, follow=True)

    assert done.status_code == 200
    assert "Unused codes" in done.content.decode()
    assert client.get("/").status_code == 200
    other = Client()
    assert log_in(other).headers["Location"] == ASK
    assert other.get("/").status_code == 302  # the password alone opens nothing
    assert other.post(ASK, {"code": code(secret, 1)}).headers["Location"] == "/"
    assert other.get("/").status_code == 200


def test_the_qr_code_and_the_secret_are_both_on_the_page(mike: User, client: Client) -> None:
    confirmed(client)

    page = client.get("/account/second-factor/totp/activate/")

    assert page.context["form"].secret in page.content.decode()
    assert "data:image/svg+xml" in page.content.decode()
    assert "issuer=Countersign" in page.context["totp_url"]


def test_setting_it_up_asks_for_the_password_once_more(mike: User, client: Client) -> None:
    log_in(client)

    sent = client.get("/account/second-factor/totp/activate/")

    assert sent.headers["Location"].startswith("/account/confirm/")
    back = client.post(sent.headers["Location"], {"password": PASSWORD})
    assert back.headers["Location"] == "/account/second-factor/totp/activate/"


def test_a_wrong_code_opens_nothing(armed: User, client: Client) -> None:
    log_in(client)

    assert client.post(ASK, {"code": "000000"}).status_code == 200

    assert client.get("/").status_code == 302


def test_a_code_works_once(armed: User, client: Client) -> None:
    shown = code()
    log_in(client)
    assert client.post(ASK, {"code": shown}).status_code == 302
    other = Client()
    log_in(other)

    assert other.post(ASK, {"code": shown}).status_code == 200


def test_twenty_wrong_codes_lock_the_account_and_the_right_code_is_refused(armed: User, client: Client) -> None:
    log_in(client)

    answers = [client.post(ASK, {"code": "000000"}).status_code for _ in range(20)]

    assert answers[-1] == 429
    assert client.post(ASK, {"code": code()}).status_code == 429
    assert log_in(Client()).status_code == 429


def test_passwords_that_are_right_do_not_reset_the_count_of_wrong_codes(armed: User) -> None:
    answers = []
    for _ in range(12):
        client = Client()
        log_in(client)
        answers.append(client.post(ASK, {"code": "000000"}).status_code)

    assert 429 in answers or log_in(Client()).status_code == 429


def test_a_recovery_code_opens_once(armed: User, client: Client) -> None:
    one = RecoveryCodes.activate(armed).get_unused_codes()[0]
    log_in(client)
    assert client.post(ASK, {"code": one}).headers["Location"] == "/"
    other = Client()
    log_in(other)

    assert other.post(ASK, {"code": one}).status_code == 200


def test_cancelling_leads_back_to_the_password(armed: User, client: Client) -> None:
    log_in(client)

    client.post("/account/logout/", {"next": "/login/"})

    assert client.get(ASK).headers["Location"] == "/login/"


def test_no_login_of_django_passes_by_the_second_factor(armed: User, client: Client) -> None:
    for url in ("/login/", "/admin/login/"):
        client.post(url, {"username": "mike", "password": PASSWORD, "login": "mike"})

        assert client.get("/").status_code == 302


@pytest.mark.parametrize("page", ["", "totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/generate/"])
def test_every_page_of_the_set_up_opens_in_the_look_of_the_console(mike: User, client: Client, page: str) -> None:
    confirmed(client)

    text = client.get(HOME + page, follow=True).content.decode()

    assert "countersign/sign_in.css" in text
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)
    assert " style=" not in text


def test_the_login_offers_a_passkey(client: Client) -> None:
    assert "Log in with a passkey" in client.get("/login/").content.decode()
    options = client.get(
        "/account/second-factor/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"}
    ).json()
    assert options["request_options"]["publicKey"]["userVerification"] == "required"


class TestRequired:
    """MFA_REQUIRED=true."""

    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.MFA_REQUIRED = True

    def pages(self) -> list[str]:
        proposal = stage(leaf(letter()))
        names = ["index", "approvals_proposedaction_changelist", "password_change", "workflows_app_hold_changelist"]
        return [
            *(reverse(f"admin:{name}") for name in names),
            reverse("admin:approvals_proposedaction_change", args=[proposal.pk]),
            "/inbox/",
        ]

    def test_an_approver_without_one_is_sent_to_the_set_up_from_every_page(self, mike: User, client: Client) -> None:
        log_in(client)

        for page in self.pages():
            assert client.get(page).headers["Location"] == HOME, page
        assert "everybody who may decide" in client.get(HOME).content.decode()

    def test_he_decides_nothing(self, mike: User, client: Client) -> None:
        proposal = stage(leaf(letter()))
        log_in(client)

        response = client.post(
            reverse("admin:proposal_decide", args=[proposal.pk]), {"verdict": "approve", "digest": proposal.digest}
        )

        assert response.headers["Location"] == HOME
        assert Decision.objects.count() == 0

    def test_with_an_app_everything_opens(self, armed: User, client: Client) -> None:
        log_in(client)
        client.post(ASK, {"code": code()})

        assert {client.get(page).status_code for page in self.pages()} == {200}

    def test_recovery_codes_alone_are_none(self, mike: User, client: Client) -> None:
        RecoveryCodes.activate(mike)
        client.force_login(mike)

        assert client.get("/").headers["Location"] == HOME

    def test_who_loses_it_again_is_sent_there_again(self, armed: User, client: Client) -> None:
        client.force_login(armed)
        assert client.get("/").status_code == 200

        Authenticator.objects.all().delete()

        assert client.get("/").headers["Location"] == HOME

    def test_an_administrator_could_make_himself_an_approver_and_needs_one_too(self, client: Client) -> None:
        client.force_login(person("root", is_superuser=True))

        assert client.get("/").headers["Location"] == HOME

    @pytest.mark.parametrize("right", ["change_user", "change_group"])
    def test_whoever_could_give_himself_the_right_needs_one_too(self, client: Client, right: str) -> None:
        clerk = person("clerk")
        clerk.user_permissions.add(Permission.objects.get(content_type__app_label="auth", codename=right))
        client.force_login(clerk)

        assert client.get("/").headers["Location"] == HOME

    @pytest.mark.parametrize("group", ["Viewers", "Sales"])
    def test_who_decides_nothing_needs_none(self, client: Client, group: str) -> None:
        client.force_login(person("vera", group))

        assert client.get("/").status_code == 200

    def test_everybody_can_log_out(self, mike: User, client: Client) -> None:
        log_in(client)

        client.post("/logout/")

        assert "_auth_user_id" not in client.session


def test_without_the_setting_the_password_is_enough(mike: User, client: Client) -> None:
    log_in(client)

    assert client.get("/").status_code == 200
