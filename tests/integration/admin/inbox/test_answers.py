"""What the browser gets after a decision: the card alone for htmx, a page or the inbox's next one without it."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from approvals.models import Decision, ProposedAction
from tests import factories
from tests.integration.admin.inbox.letters import HOUR, draft, wait
from tests.integration.admin.rows import gate_of, start_new_customer
from workflows_app.admin.proposals.answers import EVENT
from workflows_app.admin.proposals.editing import edit_fields
from workflows_app.models.hold import Hold

HTMX = {"HX-Request": "true"}


def post(client: Client, proposal: ProposedAction, what: str = "decide", **data: str) -> HttpResponse:
    """A decision as htmx sends it."""
    url = reverse(f"admin:proposal_{what}", args=[proposal.pk])
    return client.post(url, {"digest": proposal.digest, **data}, headers=HTMX)  # type: ignore[return-value]


def said(response: HttpResponse) -> dict[str, Any]:
    """What the page around the card is told."""
    return json.loads(response.headers["HX-Trigger-After-Swap"])[EVENT]  # type: ignore[no-any-return]


def text(response: HttpResponse) -> str:
    return response.content.decode()


@pytest.fixture
def letter(contracts: None) -> ProposedAction:
    """A letter that can be approved, and that expires before anything else."""
    return draft(start_new_customer(), "1", title="The letter")


def test_an_approved_card_comes_back_alone_and_says_what_happened(console: Client, letter: ProposedAction) -> None:
    response = post(console, letter, verdict="approve")

    assert response.status_code == 200
    assert text(response).startswith('<div id="card"')
    assert "This was approved." in text(response)
    assert said(response) == {
        "id": letter.pk, "outcome": "approved", "message": "Approved.", "title": "The letter", "now": "",
    }  # fmt: skip


def test_the_second_of_a_double_click_finds_in_place_what_came_first(console: Client, letter: ProposedAction) -> None:
    post(console, letter, verdict="approve")

    response = post(console, letter, verdict="approve")

    assert response.status_code == 422
    assert "Nothing was changed. Already approved by mike" in text(response)
    assert said(response)["outcome"] == "refused"
    assert Decision.objects.count() == 1


def test_a_refused_rejection_keeps_the_reason_that_was_typed(console: Client, letter: ProposedAction) -> None:
    long = "Because it is too long. " * 100

    response = post(console, letter, verdict="reject", reason=long)

    assert response.status_code == 422
    assert f">{long}</textarea>" in text(response)
    assert "2000 is the most" in text(response)


def test_a_refused_rejection_keeps_the_reason_without_htmx_too(console: Client, letter: ProposedAction) -> None:
    url = reverse("admin:proposal_decide", args=[letter.pk])

    response = console.post(url, {"digest": "0" * 64, "verdict": "reject", "reason": "Typed for an hour"})

    assert response.status_code == 422
    assert ">Typed for an hour</textarea>" in text(response)
    assert "out of date" in text(response)


def test_neither_yes_nor_no_is_said_in_place(console: Client, letter: ProposedAction) -> None:
    assert "Choose Approve or Reject." in text(post(console, letter, verdict="maybe"))


def test_a_gate_whose_world_changed_shows_the_new_card_with_the_difference(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())

    factories.CustomerFactory(companyname="Maple Ridge Schools East")

    response = post(console, gate, verdict="approve")

    newer = ProposedAction.objects.get(supersedes=gate)
    assert (said(response)["outcome"], said(response)["now"]) == ("superseded", newer.pk)
    assert newer.digest in text(response)
    assert "What changed against" in text(response)
    assert Decision.objects.count() == 0


def test_a_card_that_was_superseded_meanwhile_is_answered_with_the_newer_one(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())
    subject = next(field for field in edit_fields(gate) if field.field == "subject")
    post(console, gate, "edit", **{subject.name: "Changed meanwhile"})

    response = post(console, gate, verdict="approve")

    newer = ProposedAction.objects.get(supersedes=gate)
    assert response.status_code == 422
    assert "This is it, with what changed." in text(response)
    assert said(response)["now"] == newer.pk
    assert "Changed meanwhile" in text(response)
    assert newer.status == "pending"


def test_an_edit_comes_back_as_the_new_card(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())
    subject = next(field for field in edit_fields(gate) if field.field == "subject")

    response = post(console, gate, "edit", **{subject.name: "Welcome, dear friends"})

    assert response.status_code == 200
    assert "Edited by hand" in text(response)
    assert said(response)["outcome"] == "edited"


def test_a_refused_edit_keeps_everything_that_was_typed(console: Client, letter: ProposedAction) -> None:
    body = next(field for field in edit_fields(letter) if field.field == "body")

    response = post(console, letter, "edit", digest="0" * 64, **{body.name: "Typed for an hour"})

    assert response.status_code == 422
    assert "Typed for an hour" in text(response)
    assert said(response)["outcome"] == "refused"


def test_a_card_that_expired_meanwhile_says_so_and_can_be_drafted_again(console: Client, contracts: None) -> None:
    proposal = draft(start_new_customer(), "1")
    ProposedAction.objects.filter(pk=proposal.pk).update(expires_at=proposal.proposed_at + HOUR / 1_000_000)

    response = post(console, proposal, verdict="approve")

    assert response.status_code == 422
    assert "Expired on" in text(response)


@pytest.mark.parametrize("what", ["decide", "again"])
def test_who_may_only_look_gets_403(viewer: Client, letter: ProposedAction, what: str) -> None:
    response = post(viewer, letter, what, verdict="approve")

    assert response.status_code == 403
    assert "may not decide proposals" in text(response)
    assert 'name="verdict"' not in text(response)
    assert ProposedAction.objects.get(pk=letter.pk).status == "pending"


def test_a_hold_is_said_with_the_answer(console: Client, letter: ProposedAction) -> None:

    Hold.objects.create(pk=1, on=True)

    assert "Everything is on hold" in said(post(console, letter, verdict="approve"))["message"]


def test_a_plain_post_from_the_inbox_goes_on_with_the_next_one_as_it_was_narrowed(
    console: Client, letter: ProposedAction
) -> None:
    wait("2", expires=30 * HOUR, customer_name="Oak Hill")
    narrowed = "http://testserver/inbox/?q=oak"

    response = console.post(
        reverse("admin:proposal_decide", args=[letter.pk]),
        {"digest": letter.digest, "verdict": "reject", "reason": "No."},
        headers={"Referer": narrowed},
        follow=True,
    )

    assert response.redirect_chain[-1] == ("/inbox/cs-pro-2/?q=oak", 302)
    assert "The letter: Rejected." in text(response)


def test_a_plain_post_from_the_card_goes_back_to_it(console: Client, letter: ProposedAction) -> None:
    card = reverse("admin:approvals_proposedaction_change", args=[letter.pk])
    data = {"digest": letter.digest, "verdict": "reject", "reason": "No."}

    response = console.post(reverse("admin:proposal_decide", args=[letter.pk]), data, headers={"Referer": card})

    assert response.headers["Location"] == card


def test_after_the_last_one_the_next_is_the_empty_inbox(console: Client) -> None:
    proposal = wait("1")

    assert console.get(f"/inbox/next/?after={proposal.pk}").headers["Location"] == "/inbox/"


def test_the_next_one_after_the_end_is_the_first_again(console: Client) -> None:
    wait("first", expires=2 * HOUR)
    last = wait("last")

    assert console.get(f"/inbox/next/?after={last.pk}").headers["Location"] == "/inbox/cs-pro-first/"
