"""Tokens, sources, subscriptions and deliveries in the console: secrets once, changes by POST and by approvers only."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.clock import database_now
from tests.integration.admin.conftest import browser, person
from tests.integration.delivery.subscribers import happened, subscriber
from workflows_app.admin.alerts import about
from workflows_app.credentials import tokens, webhook_secrets
from workflows_app.credentials.sealed import unseal
from workflows_app.models import Alert, ApiToken, WebhookDelivery, WebhookSource, WebhookSubscription

pytestmark = pytest.mark.django_db
TOKEN = {"name": "shop", "scopes": ["events:write", "runs:read"], "days": "30"}
SOURCE = {"name": "vendor", "event_types": "vendor.late\norder.placed vendor.late", "secret": ""}
SUBSCRIPTION = {"name": "shop", "url": "https://shop.example.com/hook", "event_types": ["workflow.failed"]}
MADE = [("apitoken", TOKEN, ApiToken), ("webhooksource", SOURCE, WebhookSource),
        ("webhooksubscription", SUBSCRIPTION, WebhookSubscription)]  # fmt: skip


def shown(page: bytes) -> str:
    """The secret on the page that shows it."""
    found = re.search(r'id="cs-secret" value="([^"]+)"', page.decode())
    assert found
    return found[1]


def make(client: Client, model: str, data: object) -> str:
    """Make one; its secret."""
    answer = client.post(reverse(f"admin:{model}_make"), data)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return shown(answer.content)


def pages(client: Client, model: str, pk: object) -> str:
    """List and page of a row."""
    addresses = (reverse(f"admin:workflows_app_{model}_changelist"),
                 reverse(f"admin:workflows_app_{model}_change", args=[pk]))  # fmt: skip
    return "".join(client.get(address).content.decode() for address in addresses)


def test_a_token_is_made_and_shown_once(console: Client) -> None:
    text = make(console, "apitoken", TOKEN)

    token = tokens.find(text, database_now())
    assert token is not None
    assert (token.name, token.scopes, token.created_by) == ("shop", "events:write runs:read", "person:mike")
    assert token.expires_at is not None
    assert timedelta(days=29) < token.expires_at - database_now() <= timedelta(days=30)


@pytest.mark.parametrize(("model", "data", "table"), MADE)
def test_a_secret_is_on_no_other_page_and_in_no_column(console: Client, model: str, data: object, table: type) -> None:
    secret = make(console, model, data)

    row = table.objects.get()
    rest = pages(console, model, row.pk) + console.get("/").content.decode() + str(console.cookies)
    assert secret not in rest + str(table.objects.values_list().get())
    assert secret[-20:] not in rest
    for column in ("secret_hash", "secret", "previous_secret"):
        value = getattr(row, column, "")
        assert not value or value not in rest


def test_a_token_is_revoked_once(console: Client) -> None:
    text = make(console, "apitoken", TOKEN)
    revoke = reverse("admin:apitoken_revoke", args=[ApiToken.objects.get().pk])

    assert console.get(revoke).status_code == 405
    console.post(revoke)

    assert tokens.find(text, database_now()) is None
    assert ApiToken.objects.get().revoked_by == "person:mike"
    assert "Revoke this token" not in pages(console, "apitoken", ApiToken.objects.get().pk)


def test_a_source_with_a_secret_of_its_own_or_ours(console: Client) -> None:
    ours = make(console, "webhooksource", SOURCE)
    theirs = webhook_secrets.new_secret()
    make(console, "webhooksource", SOURCE | {"name": "bank", "secret": theirs})

    vendor, bank = WebhookSource.objects.get(name="vendor"), WebhookSource.objects.get(name="bank")
    assert (unseal(vendor.secret), unseal(bank.secret)) == (ours, theirs)
    assert vendor.event_types == "vendor.late order.placed"


@pytest.mark.parametrize(("model", "data", "table"), MADE[1:])
def test_a_new_secret_leaves_the_one_before_for_a_day(console: Client, model: str, data: object, table: type) -> None:
    before = make(console, model, data)
    row = table.objects.get()

    after = shown(console.post(reverse(f"admin:{model}_secret", args=[row.pk])).content)

    row.refresh_from_db()
    assert webhook_secrets.living(row, database_now()) == [after, before]
    assert webhook_secrets.living(row, database_now() + timedelta(hours=25)) == [after]


@pytest.mark.parametrize(
    ("model", "data", "says"),
    [
        ("apitoken", TOKEN | {"name": "Shop 1"}, "small letters"),
        ("apitoken", TOKEN | {"name": "tick"}, "choose another name"),
        ("apitoken", TOKEN | {"scopes": []}, "Choose at least one"),
        ("apitoken", TOKEN | {"scopes": ["decide"]}, "not one of"),
        ("apitoken", TOKEN | {"days": "0"}, "greater than or equal to 1"),
        ("webhooksource", SOURCE | {"event_types": "workflow.completed"}, "decisions and runs only"),
        ("webhooksource", SOURCE | {"event_types": " "}, "required"),
        ("webhooksource", SOURCE | {"secret": "short"}, "base64"),
        ("webhooksubscription", SUBSCRIPTION | {"event_types": ["order.placed"]}, "not one of"),
        ("webhooksubscription", SUBSCRIPTION | {"url": "ftp://shop.example.com"}, "not an address"),
        ("webhooksubscription", SUBSCRIPTION | {"url": "https://user:pw@shop.example.com/"}, "not an address"),
        ("webhooksubscription", SUBSCRIPTION | {"url": "javascript:alert(1)"}, "not an address"),
        ("webhooksubscription", SUBSCRIPTION | {"url": "http://127.0.0.1:9000/hook"}, "opened by HTTP_NETWORKS"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_made(
    console: Client, model: str, data: dict[str, object], says: str
) -> None:
    answer = console.post(reverse(f"admin:{model}_make"), data)

    assert says in answer.content.decode()
    for table in (ApiToken, WebhookSource, WebhookSubscription):
        assert not table.objects.exists()


@pytest.mark.parametrize(("model", "data", "table"), MADE)
def test_a_name_is_there_once(console: Client, model: str, data: object, table: type) -> None:
    make(console, model, data)

    answer = console.post(reverse(f"admin:{model}_make"), data)

    assert "already" in answer.content.decode()
    assert table.objects.count() == 1


def test_what_may_be_changed_later_is_changed(console: Client) -> None:
    make(console, "webhooksource", SOURCE)
    make(console, "webhooksubscription", SUBSCRIPTION)
    source, told = WebhookSource.objects.get(), WebhookSubscription.objects.get()
    edit = reverse("admin:webhooksubscription_edit", args=[told.pk])
    assert 'value="https://shop.example.com/hook"' in console.get(edit).content.decode()

    console.post(edit, {"url": "https://b.example.com/", "event_types": ["workflow.partial", "workflow.completed"]})
    console.post(reverse("admin:webhooksource_edit", args=[source.pk]), {"event_types": "a.b"})

    told.refresh_from_db()
    source.refresh_from_db()
    assert (told.url, told.event_types) == ("https://b.example.com/", "workflow.partial workflow.completed")
    assert source.event_types == "a.b"


def test_both_ends_are_switched_off_and_on(console: Client) -> None:
    make(console, "webhooksource", SOURCE)
    make(console, "webhooksubscription", SUBSCRIPTION)

    for verb, active in (("off", False), ("on", True)):
        for model, table in (("webhooksource", WebhookSource), ("webhooksubscription", WebhookSubscription)):
            console.post(reverse(f"admin:{model}_{verb}", args=[table.objects.get().pk]))
            assert table.objects.get().active is active


def test_what_was_given_up_is_tried_again_by_a_person(console: Client) -> None:
    row = subscriber()
    happened("run:1:end")
    happened("run:2:end")
    WebhookDelivery.objects.update(status="dead", last_error="It did not answer.")
    first, second = WebhookDelivery.objects.order_by("pk")
    page = reverse("admin:workflows_app_webhookdelivery_change", args=[first.pk])
    text = console.get(page).content.decode()
    assert "It did not answer." in text
    assert f"workflow.completed to {row.name}" in text
    own = reverse("admin:workflows_app_webhooksubscription_change", args=[row.pk])
    assert own in text
    dead = reverse("admin:workflows_app_webhookdelivery_changelist") + "?status=dead"
    assert dead in console.get(own).content.decode()

    console.post(reverse("admin:webhookdelivery_again", args=[first.pk]))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("waiting", "dead")

    console.post(reverse("admin:webhooksubscription_again", args=[row.pk]))
    second.refresh_from_db()
    assert second.status == "waiting"


def test_the_alert_leads_to_the_subscription() -> None:
    assert about(Alert(key="webhook:7", kind="webhook")) == (
        ("subscription", reverse("admin:workflows_app_webhooksubscription_change", args=[7])),
    )


@pytest.mark.parametrize("group", ["Viewers", "Sales", "Machines", ""])
def test_nobody_else_makes_or_changes_one(group: str, console: Client) -> None:
    for model, data, _ in MADE:
        make(console, model, data)
    happened()
    other = browser(person("eve", group, is_superuser=not group))
    before = [list(table.objects.values_list()) for _, _, table in MADE]

    for model, data, table in MADE:
        pk = table.objects.get().pk
        for verb in ("make", "edit", "revoke", "secret", "again", "on", "off"):
            address = f"/workflows_app/{model}/{'' if verb == 'make' else f'{pk}/'}{verb}/"
            assert other.post(address, dict(data) | {"name": "more"}).status_code in {302, 403, 404}
        if group in {"Viewers", ""}:
            assert "Make a new one" not in pages(other, model, pk)

    assert [list(table.objects.values_list()) for _, _, table in MADE] == before


def test_a_person_is_needed(client: Client, mike: User) -> None:
    assert client.post(reverse("admin:apitoken_make"), TOKEN).status_code == 302
    assert not ApiToken.objects.exists()
