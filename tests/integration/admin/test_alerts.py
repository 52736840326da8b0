"""Alerts in the console: what they are about, and resolving one by POST."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.clock import database_now
from tests.integration.admin.conftest import browser
from workflows_app.admin.alerts import about
from workflows_app.models import Alert


@pytest.fixture
def alert(db: None) -> Alert:
    return raised("step:run-1/write_d1/")


def raised(key: str, run_id: str = "") -> Alert:
    Alert.objects.raise_alert(key, kind="x", message="It <b>failed</b>.", now=database_now(), run_id=run_id)
    return Alert.objects.get(key=key)


def page(alert: Alert) -> str:
    return reverse("admin:workflows_app_alert_change", args=[alert.pk])


def resolve(client: Client, alert: Alert, **data: object) -> str:
    url = reverse("admin:alert_resolve", args=[alert.pk])
    return client.post(url, {"count": alert.count, **data}, follow=True).content.decode()


def test_an_alert_is_resolved_with_who_and_when(console: Client, alert: Alert) -> None:
    assert "Resolved. It opens again when it happens again." in resolve(console, alert)

    alert.refresh_from_db()
    assert alert.resolved_at is not None
    assert alert.resolved_by == "person:mike"
    assert " by mike<" in console.get(page(alert)).content.decode()


def test_a_repeat_opens_it_again(console: Client, alert: Alert) -> None:
    resolve(console, alert)

    again = raised(alert.key)

    assert (again.resolved_at, again.resolved_by, again.count) == (None, "", 2)


def test_one_that_came_again_meanwhile_stays_open(console: Client, alert: Alert) -> None:
    raised(alert.key)

    assert "It has happened again since you looked" in resolve(console, alert)
    assert Alert.objects.open().exists()


@pytest.mark.parametrize("count", ["", "x", "-1", "٣", "99999999999999999999"])
def test_a_count_that_was_not_shown_resolves_nothing(console: Client, alert: Alert, count: str) -> None:
    resolve(console, alert, count=count)

    assert Alert.objects.open().exists()


def test_a_second_click_says_who_was_first(console: Client, alert: Alert) -> None:
    resolve(console, alert)

    assert "mike has resolved it already." in resolve(console, alert)


@pytest.mark.parametrize("who", ["viewer", "superuser", "sales"])
def test_nobody_else_resolves(who: str, request: pytest.FixtureRequest, alert: Alert) -> None:
    client = request.getfixturevalue(who)

    assert client.post(reverse("admin:alert_resolve", args=[alert.pk]), {"count": 1}).status_code == 403
    assert Alert.objects.open().exists()


def test_a_get_and_a_post_without_a_token_change_nothing(mike: User, console: Client, alert: Alert) -> None:
    url = reverse("admin:alert_resolve", args=[alert.pk])

    assert console.get(url, {"count": 1}).status_code == 405
    assert browser(mike, enforce_csrf_checks=True).post(url, {"count": 1}).status_code == 403
    assert Alert.objects.open().exists()


@pytest.mark.parametrize("number", ["0", "999999", "abc"])
def test_an_alert_that_is_not_there_is_not_found(console: Client, number: str) -> None:
    assert console.post(reverse("admin:alert_resolve", args=[number])).status_code == 404


def test_a_message_is_text(console: Client, alert: Alert) -> None:
    assert "It &lt;b&gt;failed&lt;/b&gt;." in console.get(page(alert)).content.decode()


@pytest.mark.parametrize(
    ("key", "name", "address"),
    [
        ("contract:clock", "contract", "/workflows_app/workflowcontract/?q=clock"),
        ("cron:clock", "contract", "/workflows_app/workflowcontract/?q=clock"),
        ("missed:clock", "occurrences", "/workflows_app/cronoccurrence/?workflow_type=clock"),
        ("silence:cron:clock", "occurrences", "/workflows_app/cronoccurrence/?workflow_type=clock"),
        ("silence:deliver", "heartbeats", "/workflows_app/heartbeat/"),
        ("proposal:cs-pro-1", "proposal", "/approvals/proposedaction/cs-pro-1/change/"),
        ("overdue:cs-pro-1", "proposal", "/approvals/proposedaction/cs-pro-1/change/"),
        ("email:cs-eml-1", "letter", "/workflows_app/outboundemail/cs-eml-1/change/"),
        ("push:cs-psh-1", "push", "/workflows_app/pendingpush/cs-psh-1/change/"),
        ("sync:hot", "sync passes", "/workflows_app/synclog/?sync_type__exact=hot"),
    ],
)
def test_an_alert_leads_to_what_it_is_about(console: Client, key: str, name: str, address: str) -> None:
    alert = raised(key)

    [(label, url)] = about(alert)

    assert label == name
    assert url.startswith(address)
    assert console.get(url).status_code in (200, 302)
    assert url.replace("&", "&amp;") in console.get(page(alert)).content.decode()
    assert url.replace("&", "&amp;") in console.get(reverse("admin:workflows_app_alert_changelist")).content.decode()


def test_an_alert_of_a_run_leads_to_the_run(db: None) -> None:
    [(name, url)] = about(raised("step:run1/a/", run_id="run1"))

    assert (name, url) == ("run", "/workflows_app/workflowrun/run1/change/")


def test_an_alert_about_nothing_known_leads_nowhere(db: None) -> None:
    assert about(raised("nothing known")) == ()
