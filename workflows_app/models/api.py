"""Who may call us, whom we call: tokens, sources and subscriptions of webhooks, and what was sent to them."""

from typing import Final

from django.db import models
from django.db.models import Q

from workflows_app.models.event import Event
from workflows_app.models.fields import text_id

# What a token may do. None of them decides anything.
SCOPES: Final = {
    "events:write": "Record events.",
    "runs:read": "Read runs and proposals.",
    "runs:start": "Start runs that wait for a decision.",
    "mail:write": "Hand in mail that arrived.",
}
_PRINCIPAL = 120


class ApiToken(models.Model):
    """A machine that may call the API; its principal is `machine:<name>`. The secret itself is kept nowhere."""

    name = models.CharField(max_length=60, unique=True, help_text="Runs and events name it, as machine:<name>.")
    public = models.CharField(max_length=16, unique=True, help_text="The part of the token by which it is found.")
    secret_hash = models.CharField(max_length=64, help_text="SHA-256 of the secret.")
    scopes = models.CharField(max_length=200, help_text="Separated by spaces.")
    created_by = models.CharField(max_length=_PRINCIPAL)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=_PRINCIPAL, blank=True)

    class Meta:
        db_table = "api_tokens"
        verbose_name = "API token"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookSource(models.Model):
    """A service that sends us events, signed as Standard Webhooks. Secrets are sealed (`credentials/sealed.py`)."""

    name = models.CharField(max_length=60, unique=True, help_text="Stands in the address: /api/events?source=<name>.")
    event_types = models.TextField(help_text="What it may send, separated by spaces.")
    secret = models.TextField(help_text="Sealed.")
    previous_secret = models.TextField(blank=True, help_text="Sealed; counts until the moment below.")
    previous_until = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    created_by = models.CharField(max_length=_PRINCIPAL)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "webhook_sources"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookReceipt(models.Model):
    """A signed message that was taken, so that a copy of it is refused while its signature is still good."""

    source = models.ForeignKey(WebhookSource, on_delete=models.PROTECT, related_name="receipts")
    webhook_id = models.CharField(max_length=200)
    signed_at = models.DateTimeField(help_text="What the sender signed as the time of sending.")
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "webhook_receipts"
        ordering = ["-received_at"]
        constraints = [models.UniqueConstraint(fields=["source", "webhook_id"], name="webhook_once")]
        # pruning, oldest first.
        indexes = [models.Index(fields=["received_at"], name="webhook_receipt_oldest")]

    def __str__(self) -> str:
        return self.webhook_id


class WebhookSubscription(models.Model):
    """A service that is told of events. It rests while it does not answer (`failures`, `resting_until`)."""

    name = models.CharField(max_length=60, unique=True)
    url = models.CharField(max_length=500)
    event_types = models.TextField(help_text="What it is told of, separated by spaces.")
    secret = models.TextField(help_text="Sealed.")
    previous_secret = models.TextField(blank=True, help_text="Sealed; signs as well until the moment below.")
    previous_until = models.DateTimeField(null=True, blank=True)
    active = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    resting_until = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=_PRINCIPAL)
    created_at = models.DateTimeField()
    last_delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "webhook_subscriptions"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One event for one subscription. Its id is the webhook-id, the same at every attempt."""

    id = text_id()
    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    event_type = models.CharField(max_length=120)
    body = models.TextField(help_text="Canonical text, the bytes that are signed.")
    status = models.CharField(max_length=16, default="waiting")
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="What the endpoint answered.")
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "webhook_deliveries"
        verbose_name_plural = "webhook deliveries"
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "delivered", "dead"]), name="webhook_delivery_status_known"
            ),
            models.UniqueConstraint(fields=["subscription", "event"], name="webhook_delivery_once"),
        ]
        indexes = [
            # delivery: what is due, oldest first.
            models.Index(fields=["next_attempt_at"], condition=Q(status="waiting"), name="webhook_delivery_due"),
            # the list in the admin, and what is dead in it.
            models.Index(fields=["-created_at", "id"], name="webhook_delivery_newest"),
            models.Index(fields=["status"], condition=~Q(status="delivered"), name="webhook_delivery_not_delivered"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} → {self.subscription_id}"
