"""Calls of machines to the API, with a token or signed."""

from collections.abc import Mapping
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

from approvals.canonical import canonical
from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.credentials import tokens, webhook_secrets
from workflows_app.credentials.sealed import seal
from workflows_app.models import ApiToken, WebhookSource

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

FORM = {
    "company_name": "Lakeside Schools",
    "contact_email": "office@lakeside.example.org",
    "billing_address": "1 Lake Rd",
}


def headers(*scopes: str, name: str = "shop") -> dict[str, str]:
    """The header of a token with these scopes, made when it is not there yet."""
    ApiToken.objects.filter(name=name).delete()
    made = tokens.make(name, scopes, by=Principal("person", "mike"), now=database_now())
    return {"Authorization": f"Bearer {made.text}"}


def post(path: str, data: object, head: Mapping[str, str], client: Client | None = None) -> Any:
    """POST `data` as JSON, or bytes as they are; nothing else lets it in."""
    body = data if isinstance(data, bytes) else canonical(data).encode()
    client = client or Client(enforce_csrf_checks=True)
    return client.post(path, body, content_type="application/json", headers=dict(head))


def source(name: str = "vendor", types: str = "vendor.item_discontinued order.placed") -> WebhookSource:
    """A service that signs with `SECRET`."""
    return WebhookSource.objects.create(
        name=name, event_types=types, secret=seal(SECRET), created_by="person:mike", created_at=database_now()
    )


def signed(body: bytes, *, webhook_id: str = "msg_1", late: float = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers of a message signed `late` seconds ago by the database's clock, made by the library."""
    seconds = int(database_now().timestamp() - late)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": webhook_secrets.sign([secret], webhook_id, seconds, body.decode()),
    }


def library(secret: str = SECRET) -> Webhook:
    """What a receiver uses."""
    return Webhook(secret)
