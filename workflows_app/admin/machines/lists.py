"""The pages of tokens, sources and subscriptions."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.admin.base import ReadOnlyAdmin, chip
from workflows_app.admin.machines.base import Button, Made, MadeByHandAdmin, person
from workflows_app.admin.machines.forms import (
    SourceEditForm,
    SourceForm,
    SubscriptionEditForm,
    SubscriptionForm,
    TokenForm,
)
from workflows_app.credentials import tokens, webhook_ends
from workflows_app.delivery import webhook_queue
from workflows_app.models import ApiToken, WebhookReceipt, WebhookSource, WebhookSubscription
from workflows_app.presentation.people import who
from workflows_app.runner.enqueue import ring

_ON = Button(verb="on", label="Switch on", look="main")
_OFF = Button(verb="off", label="Switch off", look="bad")
_NEW_SECRET = Button(
    verb="secret", label="Make a new secret", help="It is shown once. The one before counts for another 24 hours."
)


@admin.register(ApiToken)
class ApiTokenAdmin(MadeByHandAdmin):
    """Machines that may call the API."""

    form_class = TokenForm
    nothing = "No machine may call the API so far."
    noun = "API token"
    about = "A token lets a machine call the API. It can start what waits for a decision, and never decides."
    after = "Give it to the machine now: it is kept nowhere here and is not shown again."
    verbs = ("revoke",)
    more = "api:openapi-view"
    list_display = ("name", "standing", "scopes", "last_used_at", "expires_at", "created_at")
    ordering = ("name",)

    @admin.display(description="standing")
    def standing(self, token: ApiToken) -> SafeString:
        """Whether it still opens anything."""
        return chip(*_stands(token))

    def made(self, given: dict[str, Any], by: Principal) -> Made:
        """A new token."""
        now = database_now()
        expires_at = now + timedelta(days=given["days"]) if given["days"] else None
        made = tokens.make(given["name"], given["scopes"], by=by, now=now, expires_at=expires_at)
        return Made(row=made.token, secret=made.text)

    def chips(self, row: ApiToken) -> Sequence[tuple[str, str]]:
        """Whether it still opens anything."""
        return (_stands(row),)

    def facts(self, row: ApiToken) -> Sequence[tuple[str, Any]]:
        """What it may do, and who made it."""
        return (
            ("May", row.scopes.replace(" ", ", ")),
            ("Begins with", f"cst_{row.public}_…"),
            ("Runs name it", f"machine:{row.name}"),
            ("Made by", who(row.created_by)),
            ("Made", row.created_at),
            ("Last used", row.last_used_at or "never"),
            ("Expires", row.expires_at or "never"),
            ("Revoked", row.revoked_at),
            ("Revoked by", who(row.revoked_by) if row.revoked_by else ""),
        )

    def buttons(self, row: ApiToken) -> Sequence[Button]:
        """Revoking, once."""
        help_text = "From the next call on it opens nothing. This cannot be undone."
        revoke = Button(verb="revoke", label="Revoke this token", help=help_text, look="bad")
        return () if row.revoked_at else (revoke,)

    def pressed(self, request: HttpRequest, verb: str, row: ApiToken) -> HttpResponse:
        """Revoke it."""
        revoked = tokens.revoke(row.pk, by=person(request), now=database_now())
        messages.success(request, "Revoked: it opens nothing any more." if revoked else "It was revoked before.")
        return self.to_row(row)


@admin.register(WebhookSource)
class WebhookSourceAdmin(MadeByHandAdmin):
    """Services that send us signed events."""

    form_class, edit_class = SourceForm, SourceEditForm
    nothing = "No service sends signed events so far."
    noun = "webhook source"
    about = "A service that signs what it sends (Standard Webhooks) records events without a token."
    after = "Give it to the service now, unless it gave it to you: it is not shown again."
    verbs = ("secret", "on", "off")
    list_display = ("name", "standing", "event_types", "last_used_at", "created_at")
    ordering = ("name",)

    @admin.display(description="standing")
    def standing(self, source: WebhookSource) -> SafeString:
        """Whether it may send."""
        return chip(*_switch(source.active))

    def made(self, given: dict[str, Any], by: Principal) -> Made:
        """A new source."""
        row, secret = webhook_ends.make_source(
            given["name"], given["event_types"], secret=given["secret"], by=by, now=database_now()
        )
        return Made(row=row, secret=secret)

    def initial(self, row: WebhookSource) -> dict[str, Any]:
        """Its types, one in each line."""
        return {"event_types": row.event_types.replace(" ", "\n")}

    def changed(self, row: WebhookSource, given: dict[str, Any]) -> None:
        """Other types."""
        WebhookSource.objects.filter(pk=row.pk).update(event_types=" ".join(given["event_types"]))

    def chips(self, row: WebhookSource) -> Sequence[tuple[str, str]]:
        """Whether it may send."""
        return (_switch(row.active),)

    def facts(self, row: WebhookSource) -> Sequence[tuple[str, Any]]:
        """Where it sends what."""
        return (
            ("Sends to", f"/api/events?source={row.name}"),
            ("May send", row.event_types.replace(" ", ", ")),
            ("Made by", who(row.created_by)),
            ("Made", row.created_at),
            ("Last heard of", row.last_used_at or "never"),
            ("Secret before counts until", row.previous_until),
        )

    def buttons(self, row: WebhookSource) -> Sequence[Button]:
        """A new secret, and the switch."""
        return (_NEW_SECRET, _OFF if row.active else _ON)

    def pressed(self, request: HttpRequest, verb: str, row: WebhookSource) -> HttpResponse:
        """A new secret, or the switch."""
        if verb == "secret":
            return self.shown_once(request, Made(row=row, secret=webhook_ends.new_secret(row, database_now())))
        WebhookSource.objects.filter(pk=row.pk).update(active=verb == "on")
        messages.success(request, f"Switched {verb}.")
        return self.to_row(row)


@admin.register(WebhookSubscription)
class WebhookSubscriptionAdmin(MadeByHandAdmin):
    """Services that are told of events."""

    form_class, edit_class = SubscriptionForm, SubscriptionEditForm
    nothing = "No service is told of anything so far."
    noun = "webhook subscription"
    about = (
        "A service that is told what became of runs and proposals: ids, types, states and times, never names or "
        "amounts. Making one is the decision that these leave the house."
    )
    after = "Give it to the service now, so that it can tell our messages from others: it is not shown again."
    verbs = ("secret", "again", "on", "off")
    list_display = ("name", "standing", "address", "failures", "resting_until", "last_delivered_at")
    ordering = ("name",)

    @admin.display(description="standing")
    def standing(self, row: WebhookSubscription) -> SafeString:
        """Whether it is told, and whether it listens."""
        return chip(*_listens(row))

    @admin.display(description="address", ordering="url")
    def address(self, row: WebhookSubscription) -> str:
        """Where it is told."""
        return row.url

    def made(self, given: dict[str, Any], by: Principal) -> Made:
        """A new subscription."""
        row, secret = webhook_ends.make_subscription(
            given["name"], given["url"], given["event_types"], by=by, now=database_now()
        )
        return Made(row=row, secret=secret)

    def initial(self, row: WebhookSubscription) -> dict[str, Any]:
        """As it is."""
        return {"url": row.url, "event_types": row.event_types.split()}

    def changed(self, row: WebhookSubscription, given: dict[str, Any]) -> None:
        """Another address, other types."""
        WebhookSubscription.objects.filter(pk=row.pk).update(
            url=given["url"], event_types=" ".join(given["event_types"]), failures=0, resting_until=None
        )

    def chips(self, row: WebhookSubscription) -> Sequence[tuple[str, str]]:
        """Whether it is told, and whether it listens."""
        return (_listens(row),)

    def facts(self, row: WebhookSubscription) -> Sequence[tuple[str, Any]]:
        """What it is told, and how that goes."""
        return (
            ("Address", row.url),
            ("Is told of", row.event_types.replace(" ", ", ")),
            ("Made by", who(row.created_by)),
            ("Made", row.created_at),
            ("Last delivered", row.last_delivered_at or "nothing yet"),
            ("Failures in a row", row.failures),
            ("Is tried again", row.resting_until),
            ("Given up", _given_up(row)),
            ("Secret before signs until", row.previous_until),
        )

    def buttons(self, row: WebhookSubscription) -> Sequence[Button]:
        """A new secret, the switch, and another day for what was given up."""
        help_text = "Everything that was not delivered, from now on for another day."
        again = Button(verb="again", label="Try all again now", help=help_text, look="main")
        waits = row.active and row.deliveries.exclude(status="delivered").exists()
        return (*((again,) if waits else ()), _NEW_SECRET, _OFF if row.active else _ON)

    def pressed(self, request: HttpRequest, verb: str, row: WebhookSubscription) -> HttpResponse:
        """A new secret, another try, or the switch."""
        now = database_now()
        if verb == "secret":
            return self.shown_once(request, Made(row=row, secret=webhook_ends.new_secret(row, now)))
        if verb == "again":
            count = webhook_queue.try_again(row.deliveries.all(), now)
            ring("deliver")
            messages.success(request, f"{count} are tried again now.")
        else:
            webhook_queue.switch(row.pk, on=verb == "on", now=now)
            messages.success(request, f"Switched {verb}.")
        return self.to_row(row)


@admin.register(WebhookReceipt)
class WebhookReceiptAdmin(ReadOnlyAdmin):
    """Signed messages of the last minutes, so that no copy of one is taken."""

    nothing = "The signed messages of the last minutes stand here, so that no copy of one is taken."
    list_display = ("webhook_id", "source", "signed_at", "received_at")
    list_select_related = ("source",)
    ordering = ("-received_at",)


def _given_up(row: WebhookSubscription) -> SafeString | str:
    """How many deliveries are dead, and the way to them."""
    count = row.deliveries.filter(status="dead").count()
    if not count:
        return "nothing"
    link = reverse("admin:workflows_app_webhookdelivery_changelist")
    return format_html('<a href="{}?status=dead">{}</a>', link, count)


def _stands(token: ApiToken) -> tuple[str, str]:
    stands = tokens.standing(token, timezone.now())
    return stands, "good" if stands == "active" else "bad"


def _switch(on: bool) -> tuple[str, str]:
    return ("on", "good") if on else ("off", "")


def _listens(row: WebhookSubscription) -> tuple[str, str]:
    return ("does not answer", "bad") if row.active and row.resting_until else _switch(row.active)
