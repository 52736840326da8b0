"""Who sends us signed events, and who is told of ours: made by a person, each with a secret that is shown once."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from approvals.principals import Principal
from workflows_app.contracts.trigger import reserved
from workflows_app.credentials import webhook_secrets
from workflows_app.credentials.sealed import seal
from workflows_app.credentials.tokens import name_problem
from workflows_app.models import WebhookSource, WebhookSubscription

End = WebhookSource | WebhookSubscription
_LONGEST_TYPE = 120


class EndError(ValueError):
    """A source or subscription cannot be made so; the message says why."""


def make_source(
    name: str, event_types: Sequence[str], *, secret: str = "", by: Principal, now: datetime
) -> tuple[WebhookSource, str]:
    """A new source and its secret: a fresh one, unless the service has given us its own. Raises `EndError`."""
    text = check_secret(secret) if secret else webhook_secrets.new_secret()
    check_types(event_types)
    source = WebhookSource(name=name, event_types=" ".join(event_types), created_by=str(by), created_at=now)
    _store(source, text)
    return source, text


def make_subscription(
    name: str, url: str, event_types: Sequence[str], *, by: Principal, now: datetime
) -> tuple[WebhookSubscription, str]:
    """A new subscription and its secret. `url` was checked by whoever knows where we may call. Raises `EndError`."""
    row = WebhookSubscription(name=name, url=url, event_types=" ".join(event_types), created_by=str(by), created_at=now)
    text = webhook_secrets.new_secret()
    _store(row, text)
    return row, text


def new_secret(row: End, now: datetime, secret: str = "") -> str:
    """Give it another secret, and return that; the one before counts for another day. Raises `EndError`."""
    text = check_secret(secret) if secret else webhook_secrets.new_secret()
    webhook_secrets.rotate(row, text, now)
    row.save(update_fields=["secret", "previous_secret", "previous_until"])
    return text


def check_types(event_types: Sequence[str]) -> None:
    """Refuse what no source may send. Raises `EndError`."""
    if not event_types:
        raise EndError("name at least one event type, such as vendor.item_discontinued")
    for each in event_types:
        if len(each) > _LONGEST_TYPE:
            raise EndError(f"{each[:40]}… is longer than {_LONGEST_TYPE} characters")
        if why := reserved(each):
            raise EndError(why)


def check_secret(text: str) -> str:
    """A secret that somebody else made. Raises `EndError`."""
    try:
        return webhook_secrets.checked(text)
    except webhook_secrets.SecretError as error:
        raise EndError(str(error)) from error


def _store(row: End, secret: str) -> None:
    if problem := name_problem(row.name):
        raise EndError(problem)
    row.secret = seal(secret)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise EndError(f"there is one with the name {row.name} already") from error
