"""Approve this too, as the pages show it: ticks are never lost, and each answer says what comes of them."""

import re

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from approvals.canonical import parse
from approvals.models import ProposedAction
from tests import factories
from tests.integration.admin.inbox.letters import draft
from tests.integration.admin.rows import gate_of, start_new_customer
from workflows_app.effects.drafts import approvable
from workflows_app.triggers.work import work

pytestmark = pytest.mark.usefixtures("contracts")


def post(client: Client, gate: ProposedAction, ticked: str, *, htmx: bool = True, **changes: str) -> HttpResponse:
    data = {"verdict": "approve", "digest": gate.digest, "also": [ticked], **changes}
    headers = {"HX-Request": "true"} if htmx else {}
    url = reverse("admin:proposal_decide", args=[gate.pk])
    return client.post(url, data, headers=headers, follow=True)  # type: ignore[return-value]


def together(client: Client, *gates: ProposedAction, **data: str) -> str:
    """The page of the inbox that decides several, in words."""
    digests = {f"digest:{gate.pk}": gate.digest for gate in gates}
    page = client.post("/inbox/together/", {"ticked": [gate.pk for gate in gates], **digests, **data})
    return " ".join(re.sub(r"<(?!input)[^>]*>", " ", page.content.decode()).split())


def ids_ticked(response: HttpResponse) -> set[str]:
    boxes = re.findall(r'<input[^>]*name="also"[^>]*>', response.content.decode())
    return {re.findall(r'value="([^"]*)"', box)[0] for box in boxes if " checked" in box}


def statuses(gate: ProposedAction) -> set[str]:
    return set(ProposedAction.objects.filter(run_id=gate.run_id).exclude(step="").values_list("status", flat=True))


@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_approval_shows_the_ticks_again(console: Client, htmx: bool) -> None:
    gate = gate_of(start_new_customer())
    (letter,) = approvable(parse(gate.effects))

    response = post(console, gate, letter, htmx=htmx, digest="0" * 64)

    assert response.status_code == 422
    assert ids_ticked(response) == {letter}


def test_a_card_that_was_replaced_keeps_the_ticks_of_drafts_that_are_the_same(console: Client) -> None:
    gate = gate_of(start_new_customer())
    (letter,) = approvable(parse(gate.effects))
    factories.CustomerFactory(companyname="Maple Ridge Schools East")  # a warning more, and the same letter

    response = post(console, gate, letter)

    assert gate.pk != ProposedAction.objects.get(supersedes=gate).pk
    assert ids_ticked(response) == {letter}
    assert "Look which drafts are still ticked." in response.headers["HX-Trigger-After-Swap"]


def test_a_draft_that_changed_with_its_card_has_lost_its_tick(console: Client) -> None:
    gate = gate_of(start_new_customer())
    (letter,) = approvable(parse(gate.effects))
    subject = next(name for name in _subjects(console, gate))
    url = reverse("admin:proposal_edit", args=[gate.pk])
    console.post(url, {"digest": gate.digest, subject: "Another subject"})

    response = post(console, gate, letter)

    assert ids_ticked(response) == set()


def _subjects(console: Client, gate: ProposedAction) -> list[str]:
    page = console.get(reverse("admin:approvals_proposedaction_change", args=[gate.pk])).content.decode()
    return re.findall(r'name="(field-\d+)" value="Welcome', page)


def test_the_answer_says_how_many_drafts_come_with_it_and_the_card_what_came_of_them(console: Client) -> None:
    gate = gate_of(start_new_customer())

    answer = post(console, gate, "all")
    before = _card(console, gate)
    work()
    after = _card(console, gate)

    assert "The draft that you ticked is approved too" in answer.headers["HX-Trigger-After-Swap"]
    assert "Approve with 1 draft by" in before
    assert "to be approved with it" in before
    assert "to be approved with it" not in after
    assert statuses(gate) == {"approved"}


def test_a_ticked_draft_that_could_not_be_approved_says_so_on_the_card(console: Client, mike: User) -> None:
    gate = gate_of(start_new_customer())
    post(console, gate, "all")
    groups = list(mike.groups.all())
    mike.groups.clear()
    work()
    mike.groups.set(groups)

    page = _card(console, gate)

    assert "It was ticked on this card, and did not fit any more when its turn came" in page
    assert statuses(gate) == {"pending"}


def _card(console: Client, gate: ProposedAction) -> str:
    page = console.get(reverse("admin:approvals_proposedaction_change", args=[gate.pk])).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_several_are_approved_together_with_their_drafts(console: Client) -> None:
    gates = [gate_of(start_new_customer(name)) for name in ("Ash Schools", "Birch Hospital")]

    asked = together(console, *gates)
    told = together(console, *gates, verdict="approve", also="all")
    work()

    assert "the 2 drafts that these stage" in asked
    assert told.count("The draft that you ticked is approved too") == 2
    assert [statuses(gate) for gate in gates] == [{"approved"}, {"approved"}]


def test_several_without_the_tick_leave_their_drafts_waiting(console: Client) -> None:
    gates = [gate_of(start_new_customer(name)) for name in ("Ash Schools", "Birch Hospital")]

    told = together(console, *gates, verdict="approve")
    work()

    assert "that you ticked" not in told
    assert [statuses(gate) for gate in gates] == [{"pending"}, {"pending"}]


def test_the_tick_stays_when_the_reason_is_missing(console: Client) -> None:
    page = together(console, gate_of(start_new_customer()), verdict="reject", also="all")

    assert 'name="also" value="all" checked' in page


def test_letters_decided_together_offer_no_drafts(console: Client) -> None:
    run = start_new_customer()

    assert 'name="also"' not in together(console, draft(run, "1"), draft(run, "2"))


def test_only_a_refused_edit_opens_the_form_to_edit(console: Client) -> None:
    gate = gate_of(start_new_customer())
    empty = dict.fromkeys(_subjects(console, gate), " ")

    decided = post(console, gate, "all", digest="0" * 64).content.decode()
    url = reverse("admin:proposal_edit", args=[gate.pk])
    edited = console.post(url, {"digest": gate.digest, **empty}, headers={"HX-Request": "true"}).content.decode()

    opened = ["<details open" in page.partition('id="edit"')[2].partition("<summary")[0] for page in (decided, edited)]
    assert opened == [False, True]
