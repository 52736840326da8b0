"""Subscribers of webhooks in tests, and an endpoint that answers as a test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from approvals.clock import database_now
from workflows_app.credentials.sealed import seal
from workflows_app.delivery.answers import PermanentCallError, Response, TransientCallError
from workflows_app.delivery.outside import Outgoing
from workflows_app.models import Event, WebhookSubscription
from workflows_app.triggers import events

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def subscriber(name: str = "shop", types: str = "workflow.completed workflow.failed") -> WebhookSubscription:
    """Somebody who is told of these events."""
    return WebhookSubscription.objects.create(
        name=name,
        url=f"https://{name}.example.com/hook",
        event_types=types,
        secret=seal(SECRET),
        created_by="person:mike",
        created_at=database_now(),
    )


def happened(key: str = "run:1:end", kind: str = "workflow.completed", payload: str = "") -> Event:
    """An event of a run, matched with whoever listens."""
    told = '{"run_id":"1","workflow_type":"new_customer","status":"completed","reason":"Ada owes 500 dollars"}'
    event = Event.objects.create(
        id=f"cs-evt-{key}", event_type=kind, idempotency_key=key, payload=payload or told, recorded_at=database_now()
    )
    events.dispatch()
    return event


@dataclass
class Endpoint:
    """`answers`: status codes to come (0: no answer), then 200 for ever. `heard`: every call."""

    answers: list[int] = field(default_factory=list)
    heard: list[Outgoing] = field(default_factory=list)

    def __call__(self, asked: Outgoing) -> Response:
        """Answer."""
        self.heard.append(asked)
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            raise TransientCallError("https://shop.example.com:443: ConnectTimeout: timed out")
        if status >= 300:
            kind = TransientCallError if status >= 500 else PermanentCallError
            raise kind(f"https://shop.example.com:443 answered {status}: no")
        return Response(status=status, content=b"", content_type="")

    @property
    def ids(self) -> Sequence[str]:
        """The webhook-id of each call."""
        return [str(asked.headers["webhook-id"]) for asked in self.heard]
