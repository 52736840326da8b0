"""QUALITY.md test 30: the way in, and how it is locked."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.urls import resolve, reverse

from tests.integration.security.conftest import PASSWORD, log_in, person
from workflows_app.admin.sign_in import lockout, urls

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def fail(client: Client, times: int, name: str = "mike", **headers: str) -> list[int]:
    return [log_in(client, name, "wrong", **headers).status_code for _ in range(times)]


def age_failures(by: timedelta) -> None:
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - by)


def test_the_right_password_opens_the_console(mike: User, client: Client) -> None:
    response = log_in(client)

    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert is_in(client)


def test_a_login_leads_back_to_the_page_that_was_asked_for(mike: User, client: Client) -> None:
    wanted = reverse("admin:approvals_proposedaction_changelist")

    sent = client.get(wanted)
    response = client.post(sent.headers["Location"], {"login": "mike", "password": PASSWORD, "next": wanted})

    assert response.headers["Location"] == wanted


def test_a_login_never_leads_elsewhere(mike: User, client: Client) -> None:
    response = client.post("/login/", {"login": "mike", "password": PASSWORD, "next": "https://evil.example/"})

    assert response.headers["Location"] == "/"


def test_the_admins_own_login_is_out_of_reach() -> None:
    assert resolve("/login/").func is urls.login
    assert reverse("admin:login") == reverse("account_login") == "/login/"


@pytest.mark.parametrize(
    "page", ["signup", "account/signup", "account/password/reset", "account/email", "account/login"]
)
def test_there_is_no_sign_up_and_no_mail(page: str, client: Client) -> None:
    assert client.get(f"/{page}/", follow=True).redirect_chain[-1:] in ([], [(f"/login/?next=/{page}/", 302)])


def test_twenty_wrong_passwords_lock_and_then_the_right_one_is_refused(mike: User, client: Client) -> None:
    answers = fail(client, 20)

    assert answers[:9] == [200] * 9
    assert set(answers[10:]) == {429}
    right = log_in(client)
    assert right.status_code == 429
    assert "15 minutes" in right.content.decode()
    assert not is_in(client)


def test_after_the_cool_off_the_right_password_opens_again(mike: User, client: Client) -> None:
    fail(client, 20)
    age_failures(timedelta(minutes=14))
    assert log_in(client).status_code == 429

    age_failures(timedelta(minutes=2))

    assert log_in(client).status_code == 302
    assert is_in(client)


def test_tries_while_it_is_locked_do_not_lock_for_longer(mike: User, client: Client) -> None:
    fail(client, 10)
    age_failures(timedelta(minutes=14))
    fail(client, 5)
    age_failures(timedelta(minutes=2))

    assert log_in(client).status_code == 302


def test_a_stranger_elsewhere_does_not_lock_mike_out(mike: User, client: Client) -> None:
    fail(client, 20, REMOTE_ADDR="203.0.113.9")

    assert log_in(client).status_code == 302


@pytest.mark.once
def test_a_hundred_failures_from_many_addresses_lock_everywhere(mike: User, client: Client) -> None:
    for number in range(12):
        fail(client, 9, REMOTE_ADDR=f"203.0.113.{number}")

    assert log_in(client).status_code == 429


def test_another_account_stays_open(mike: User, client: Client) -> None:
    person("vera", "Viewers")
    fail(client, 20)

    assert log_in(client, "vera").status_code == 302


def test_an_unknown_name_is_answered_like_a_wrong_password(mike: User, client: Client) -> None:
    known, unknown = log_in(client, "mike", "wrong"), log_in(client, "nobody", "wrong")

    assert known.context["form"].errors == unknown.context["form"].errors


def test_an_administrator_can_unlock(mike: User, client: Client) -> None:
    fail(client, 20)
    assert lockout.is_locked("mike")

    lockout.unlock("mike")

    assert not lockout.is_locked("mike")
    assert log_in(client).status_code == 302


def test_no_password_is_kept_with_the_failures_and_their_rows_go(mike: User, client: Client) -> None:
    log_in(client, "mike", "canary-of-a-password")
    row = AccessAttempt.objects.get()
    assert "canary" not in str(vars(row))

    age_failures(timedelta(minutes=16))
    fail(client, 1, "vera")

    assert [row.username for row in AccessAttempt.objects.all()] == ["vera"]
    log_in(client)
    assert AccessLog.objects.count() == 0


@pytest.mark.parametrize("name", ["x" * 10_000, "a\x00b", "'; DROP TABLE auth_user; --", "🗝"])
def test_a_strange_name_is_refused_and_breaks_nothing(mike: User, client: Client, name: str) -> None:
    assert log_in(client, name).status_code == 200


@pytest.mark.parametrize(
    ("proxies", "header", "seen"),
    [
        (0, "203.0.113.5", "10.0.0.1"),
        (1, "203.0.113.5", "203.0.113.5"),
        (1, "1.2.3.4, 203.0.113.5", "203.0.113.5"),
        (2, "203.0.113.5, 10.0.0.7", "203.0.113.5"),
        (2, "203.0.113.5", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "not an address", "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(rf, settings, proxies: int, header: str, seen: str) -> None:
    settings.TRUSTED_PROXIES = proxies

    assert lockout.address(rf.get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=header)) == seen


def test_the_session_is_a_new_one_after_the_login(mike: User, client: Client) -> None:
    client.get("/login/")
    client.session["planted"] = "yes"
    client.session.save()
    before = client.session.session_key

    log_in(client)

    assert client.session.session_key != before


def test_a_session_ends_after_twelve_hours(mike: User, client: Client) -> None:
    log_in(client)

    assert client.session.get_expiry_age() == 12 * 3600
    assert client.cookies["sessionid"]["max-age"] == 12 * 3600


def test_logging_out_ends_the_session_and_takes_a_post(mike: User, client: Client) -> None:
    log_in(client)
    assert client.get("/logout/").status_code == 405
    assert is_in(client)

    client.post("/logout/")

    assert not is_in(client)


def test_somebody_without_the_staff_tick_is_told_so_and_not_sent_to_and_fro(client: Client) -> None:
    guest = person("guest", is_staff=False)

    told = client.post("/login/", {"login": "guest", "password": PASSWORD}, follow=True)
    assert "may not open the console" in told.content.decode()

    client.force_login(guest)
    assert client.get("/", follow=True).status_code == 403


def test_a_deactivated_person_is_out_at_once(mike: User, client: Client) -> None:
    log_in(client)
    mike.is_active = False
    mike.save()

    assert not is_in(client)
    assert log_in(client).status_code == 200


def test_a_person_changes_his_password(mike: User, client: Client) -> None:
    log_in(client)
    fields = {"old_password": PASSWORD, "new_password1": "another-good-one", "new_password2": "another-good-one"}

    assert client.post(reverse("admin:password_change"), fields).status_code == 302

    assert is_in(client)
    assert log_in(Client(), "mike", "another-good-one").status_code == 302
