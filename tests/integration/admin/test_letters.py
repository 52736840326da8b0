"""The page of a letter: as it was sent, and what an approver says of one that may not have arrived, by POST."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.urls import reverse

from approvals.models import Decision, ProposedAction
from tests.factories import InboundEmailFactory
from tests.integration.admin import rows
from tests.integration.admin.conftest import browser
from tests.integration.admin.test_get_safety import fingerprint
from tests.world import World, load_contracts
from workflows_app.delivery.email import bounced
from workflows_app.delivery.letter_html import html_of
from workflows_app.models import OutboundEmail

FORM = {"company_name": "Lakeside", "contact_email": "office@lakeside.example.org", "billing_address": "1 Lake Rd"}
BUTTONS = {"arrived": "It arrived…", "again": "It did not arrive: send it again…"}
ACTIONS = tuple(BUTTONS)


@pytest.fixture
def world(mike: User) -> World:
    """All contracts, and mike who may open the console."""
    load_contracts()
    return World(mike=mike)


@pytest.fixture
def letter(world: World) -> OutboundEmail:
    """A welcome letter of which nobody knows whether it arrived."""
    run = world.through_the_gate("new_customer", FORM)
    world.decide(world.leaf(run, "welcome_email"))
    OutboundEmail.objects.update(status="uncertain", error="The mail server said nothing.")
    return OutboundEmail.objects.get()


def url(action: str, letter: OutboundEmail) -> str:
    return reverse(f"admin:letter_{action}", args=[letter.pk])


def page(client: Client, letter: OutboundEmail) -> str:
    answer = client.get(reverse("admin:workflows_app_outboundemail_change", args=[letter.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, action: str, letter: OutboundEmail) -> str:
    return client.post(url(action, letter), {"reason": "I called them."}, follow=True).content.decode()


def test_the_page_says_how_a_letter_stands_and_what_can_be_done(console: Client, letter: OutboundEmail) -> None:
    text = page(console, letter)

    assert "The mail server said nothing." in text
    assert letter.message_id.strip("<>") in text
    assert all(words in text for words in BUTTONS.values())
    assert "they have it twice" in text


def test_it_arrived(console: Client, letter: OutboundEmail) -> None:
    text = post(console, "arrived", letter)

    letter.refresh_from_db()
    assert "Recorded: it arrived." in text
    assert letter.status == "sent"
    assert not any(words in text for words in BUTTONS.values())


def test_it_is_sent_again_and_the_pages_say_so(console: Client, world: World, letter: OutboundEmail) -> None:
    text = post(console, "again", letter)
    world.deliver()

    second = OutboundEmail.objects.get(replaces=letter.pk)
    assert "It is sent again now" in text
    assert [message.to for message in mail.outbox] == [[letter.to]]
    assert reverse("admin:workflows_app_outboundemail_change", args=[second.pk]) in page(console, letter)
    assert "second copy" in page(console, second)
    assert Decision.objects.get(proposal=second.proposed_action_id).channel == "admin"


def test_the_first_card_and_the_run_say_what_became_of_it(console: Client, letter: OutboundEmail) -> None:
    post(console, "again", letter)
    first = letter.proposed_action
    second = ProposedAction.objects.get(action_type="letter_again")

    card, again, run = (
        console.get(reverse(f"admin:{name}_change", args=[key])).content.decode()
        for name, key in (
            ("approvals_proposedaction", first.pk),
            ("approvals_proposedaction", second.pk),
            ("workflows_app_workflowrun", first.run_id),
        )
    )

    assert "did not arrive, sent again" in card
    assert "The same letter is sent once more, word for word." in again
    assert "it was sent again" in run
    assert second.title in run


@pytest.mark.parametrize("action", ACTIONS)
def test_going_back_and_posting_again_does_nothing(
    console: Client, world: World, letter: OutboundEmail, action: str
) -> None:
    post(console, action, letter)
    before = fingerprint()

    post(console, action, letter)

    after = fingerprint()
    assert {name for name in after if after[name] != before[name]} <= {"sessions.Session", "django_session"}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_changes_nothing(console: Client, letter: OutboundEmail, action: str) -> None:
    before = fingerprint()

    assert console.get(url(action, letter)).status_code == 405

    assert fingerprint() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_only_approvers_settle_and_only_with_a_token(
    mike: User, viewer: Client, superuser: Client, letter: OutboundEmail, action: str
) -> None:
    assert viewer.post(url(action, letter)).status_code == 403
    assert superuser.post(url(action, letter)).status_code == 403
    assert browser(mike, enforce_csrf_checks=True).post(url(action, letter)).status_code == 403
    letter.refresh_from_db()
    assert letter.status == "uncertain"
    assert not any(words in page(viewer, letter) for words in BUTTONS.values())


@pytest.mark.parametrize("name", ["letter_again", "letter_arrived"])
def test_a_letter_that_is_not_there_is_not_found(console: Client, name: str) -> None:
    assert console.post(reverse(f"admin:{name}", args=["nope"])).status_code == 404
    assert console.get(reverse("admin:letter_html", args=["nope"])).status_code == 404


def test_one_that_came_back_says_so_and_can_be_sent_again(console: Client, letter: OutboundEmail) -> None:
    OutboundEmail.objects.update(status="sent", sent_at=letter.created_at)
    assert bounced(letter.message_id, "550 no such mailbox")

    text = page(console, letter)

    assert "It came back: 550 no such mailbox" in text
    assert BUTTONS["again"] in text
    assert BUTTONS["arrived"] not in text
    run = console.get(reverse("admin:workflows_app_workflowrun_change", args=[letter.proposed_action.run_id]))
    assert "bounced: it came back" in run.content.decode()
    assert f"The letter to {letter.to} came back." in run.content.decode()


def test_the_preview_is_what_the_letter_becomes_in_a_frame_that_can_do_nothing(
    console: Client, sales: Client, letter: OutboundEmail
) -> None:
    proposal = letter.proposed_action
    expected = html_of(letter.body, letter.letterhead)

    shown = console.get(reverse("admin:proposal_letter", args=[proposal.pk, letter.pk]))
    kept = console.get(url("html", letter))

    assert shown.content.decode() == kept.content.decode() == expected
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "default-src 'none'" in shown["Content-Security-Policy"]
    assert shown["X-Frame-Options"] == "SAMEORIGIN"
    assert sales.get(shown.request["PATH_INFO"]).status_code in (302, 403)
    assert console.get(reverse("admin:proposal_letter", args=[proposal.pk, "nope"])).status_code == 404
    card = console.get(reverse("admin:approvals_proposedaction_change", args=[proposal.pk])).content.decode()
    assert shown.request["PATH_INFO"] in card


def test_a_proposal_that_is_not_what_was_hashed_has_no_preview(console: Client, letter: OutboundEmail) -> None:
    ProposedAction.objects.update(digest="0" * 64)

    answer = console.get(reverse("admin:proposal_letter", args=[letter.proposed_action_id, letter.pk]))

    assert answer.status_code == 404


def test_the_card_says_which_message_a_letter_answers(console: Client) -> None:
    InboundEmailFactory(message_id="<q1@oak.example>", subject="Wrong <b>invoice</b>")
    text = rows.leaf(rows.letter(in_reply_to="<q1@oak.example>", references=["<q1@oak.example>"]))
    known, unknown = rows.stage(text, "1"), rows.stage(rows.leaf(rows.letter(in_reply_to="<x@oak.example>")), "2")

    cards = [
        console.get(reverse("admin:approvals_proposedaction_change", args=[each.pk])).content.decode()
        for each in (known, unknown)
    ]

    assert "the customer’s message of " in cards[0]
    assert "“Wrong &lt;b&gt;invoice&lt;/b&gt;”" in cards[0]
    assert "the customer’s message &lt;x@oak.example&gt;" in cards[1]
