"""What comes in and goes out by machines: mail, tokens, webhooks and drafts, some rows of each."""

from approvals.clock import database_now
from approvals.principals import Principal
from tests.letters_in import letter
from workflows_app.credentials import tokens, webhook_ends
from workflows_app.delivery import webhook_queue
from workflows_app.inbox.corrections import Said, correct
from workflows_app.inbox.intake import take_in
from workflows_app.management.demo.world import World
from workflows_app.models import DraftedText, Event, WorkflowRun

_UNSURE = "Something is wrong with what came this morning. Could you look into it?"


def fill_edges(world: World) -> None:
    """One message that waits and one that mike set aside, both ends of webhooks, a token, two drafts."""
    mike = Principal.person(world.mike)
    _mail(mike)
    _machines(mike)
    _drafts()


def _mail(mike: Principal) -> None:
    for number in (1, 2):
        taken = take_in(
            letter(
                _UNSURE, sender="Jo Park <jo@stranger.example>", subject="Delivery", message_id=f"<{number}@x.example>"
            )
        )
    correct(taken.email_uuid, Said(classification="other"), by=mike, now=database_now())


def _machines(mike: Principal) -> None:
    now = database_now()
    tokens.make("web-shop", ["events:write", "runs:read"], by=mike, now=now)
    webhook_ends.make_source("vendor", ["vendor.item_discontinued"], by=mike, now=now)
    types = ["workflow.completed", "workflow.failed"]
    subscription, _ = webhook_ends.make_subscription(
        "ledger", "https://ledger.example.com/hook", types, by=mike, now=now
    )
    for event in Event.objects.filter(event_type__in=types):
        webhook_queue.stage(event, [subscription], now)


def _drafts() -> None:
    run = WorkflowRun.objects.filter(status="completed").earliest("queued_at")
    for key, text, refusal in (("a", "Dear customer,\nmany thanks.", ""), ("b", "", "It took too long.")):
        DraftedText.objects.create(
            run=run, purpose="letter", key=key, text=text, refusal=refusal, model="small", created_at=database_now()
        )
