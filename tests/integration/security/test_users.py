"""The user page: add a person, put him into a group, unlock him, take a lost second factor away."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from approvals.services.permission import permission_refusal
from tests.integration.security.conftest import log_in, person
from workflows_app.admin.sign_in import lockout

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(person("root", is_superuser=True))
    return client


def page_of(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def form_of(user: User, **changes: object) -> dict[str, object]:
    groups = [group.pk for group in user.groups.all()]
    return {"username": user.username, "is_active": "on", "is_staff": "on", "groups": groups, **changes}


def test_an_administrator_adds_an_approver_who_logs_in_and_may_decide(administrator: Client) -> None:
    approvers = Group.objects.get(name="Approvers")
    fields = {"username": "ann", "password1": "a-good-long-one", "password2": "a-good-long-one",
              "groups": [approvers.pk]}  # fmt: skip

    response = administrator.post(reverse("admin:auth_user_add"), fields)

    assert response.status_code == 302, response.context["adminform"].form.errors
    ann = User.objects.get(username="ann")
    assert permission_refusal(ann) is None
    browser = Client()
    assert log_in(browser, "ann", "a-good-long-one").status_code == 302
    assert browser.get("/").status_code == 200


def test_taking_the_group_away_takes_the_right_away(administrator: Client, mike: User) -> None:
    assert administrator.post(page_of(mike), form_of(mike, groups=[])).status_code == 302

    assert permission_refusal(mike)


def test_a_locked_account_is_shown_and_unlocked(administrator: Client, mike: User) -> None:
    visitor = Client()
    for _ in range(20):
        log_in(visitor, "mike", "wrong")
    assert "locked after wrong passwords" in administrator.get(page_of(mike)).content.decode()

    administrator.post(page_of(mike), form_of(mike))
    assert lockout.is_locked("mike")  # saving the page alone does not unlock
    administrator.post(page_of(mike), form_of(mike, unlock="on"))

    assert not lockout.is_locked("mike")
    assert log_in(visitor).status_code == 302


def test_a_lost_second_factor_is_taken_away(administrator: Client, mike: User) -> None:
    TOTP.activate(mike, "JBSWY3DPEHPK3PXP")
    assert "a second factor is asked" in administrator.get(page_of(mike)).content.decode()

    administrator.post(page_of(mike), form_of(mike))
    assert Authenticator.objects.filter(user=mike).exists()
    administrator.post(page_of(mike), form_of(mike, reset_second_factor="on"))

    assert not Authenticator.objects.filter(user=mike).exists()
    assert log_in(Client()).headers["Location"] == "/"


def test_nobody_is_deleted(administrator: Client, mike: User) -> None:
    url = reverse("admin:auth_user_delete", args=[mike.pk])

    assert administrator.post(url, {"post": "yes"}).status_code == 403
    actions = {"action": "delete_selected", "_selected_action": [mike.pk], "post": "yes"}
    administrator.post(reverse("admin:auth_user_changelist"), actions)

    assert User.objects.filter(pk=mike.pk).exists()


def test_an_approver_opens_no_user_page(client: Client, mike: User) -> None:
    client.force_login(mike)

    assert client.get(page_of(mike)).status_code == 403
    assert client.post(page_of(mike), form_of(mike, is_superuser="on")).status_code == 403


def test_the_list_asks_as_often_for_many_as_for_few(
    administrator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse("admin:auth_user_changelist")
    person("one", "Viewers")
    administrator.get(url)
    with CaptureQueriesContext(connection) as few:
        administrator.get(url)
    for number in range(10):
        person(f"more{number}", "Sales")

    with django_assert_num_queries(len(few)):
        administrator.get(url)


def test_no_page_shows_the_secrets_of_second_factors_or_lets_rows_of_the_login_be_edited() -> None:
    shown = {model._meta.app_label for model in admin.site._registry}

    assert shown == {"approvals", "workflows_app", "django_q", "auth"}
