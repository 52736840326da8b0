"""Several decided together: one question, one POST, a line for each, and what changed fails alone."""

import re
from datetime import datetime

import pytest
from django.http import HttpResponse
from django.test import Client

from approvals.models import Decision, ProposedAction
from tests.integration.admin.inbox.letters import draft, wait
from tests.integration.admin.rows import gate_of, start_new_customer
from workflows_app.admin.inbox import bulk
from workflows_app.runner import leaf

BULK = "/inbox/together/"


def post(client: Client, *proposals: ProposedAction, **data: str) -> HttpResponse:
    """POST these as ticked, with the digests that the list showed."""
    digests = {f"digest:{proposal.pk}": proposal.digest for proposal in proposals}
    ticked = {"ticked": [proposal.pk for proposal in proposals]}
    return client.post(BULK, {**digests, **ticked, **data})  # type: ignore[return-value]


def words(response: HttpResponse) -> str:
    """What the page says, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


@pytest.fixture
def letters(contracts: None) -> list[ProposedAction]:
    """Three letters of one step; the second is about money."""
    run = start_new_customer()
    return [draft(run, str(number), amount=f"{number}0.50") for number in (1, 2, 3)]


def test_the_question_has_the_number_the_sum_and_each_title(console: Client, letters: list[ProposedAction]) -> None:
    response = post(console, *letters)

    assert response.status_code == 200
    assert "3 proposals, $61.50 in all" in words(response)
    for number in (1, 2, 3):
        assert f"Letter {number} · ${number}0.50" in words(response)
    assert Decision.objects.count() == 0


def test_all_are_approved_with_a_line_each(console: Client, letters: list[ProposedAction]) -> None:
    response = post(console, *letters, verdict="approve")

    assert "3 of 3 decided" in words(response)
    assert words(response).count("approved Letter") == 3
    assert [decision.verdict for decision in Decision.objects.all()] == ["approve"] * 3


def test_all_are_rejected_with_the_reason(console: Client, letters: list[ProposedAction]) -> None:
    post(console, *letters, verdict="reject", reason="Not this week.")

    assert set(Decision.objects.values_list("verdict", "reason")) == {("reject", "Not this week.")}


def test_rejecting_without_a_reason_asks_again(console: Client, letters: list[ProposedAction]) -> None:
    response = post(console, *letters, verdict="reject", reason=" ")

    assert response.status_code == 422
    assert "Nothing was decided. Rejecting needs a reason." in words(response)
    assert "3 proposals" in words(response)
    assert Decision.objects.count() == 0


def test_one_that_changed_fails_alone(console: Client, letters: list[ProposedAction]) -> None:
    letters[1].digest = "0" * 64  # what the list showed was another text

    asked, told = post(console, *letters), post(console, *letters, verdict="approve")

    assert words(asked).count("has changed since the list was read") == 1
    assert "2 of 3 decided" in words(told)
    assert "refused Letter 2 · $20.50 This card is out of date" in words(told)
    statuses = [ProposedAction.objects.get(pk=letter.pk).status for letter in letters]
    assert statuses == ["approved", "pending", "approved"]


def test_one_that_was_decided_meanwhile_fails_alone(console: Client, letters: list[ProposedAction]) -> None:
    post(console, letters[0], verdict="approve")

    response = post(console, *letters, verdict="approve")

    assert "2 of 3 decided" in words(response)
    assert "Already approved by mike" in words(response)


def test_one_that_breaks_a_rule_of_ours_fails_alone(
    console: Client, letters: list[ProposedAction], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(proposal: ProposedAction, now: datetime) -> str:
        if proposal.pk == letters[1].pk:
            raise KeyError("amount")
        return ""

    monkeypatch.setattr(leaf, "broken_rule", broken)

    response = post(console, *letters, verdict="approve")

    assert "2 of 3 decided" in words(response)
    assert "failed Letter 2 · $20.50 It could not be decided, so nothing of it was done" in words(response)
    statuses = [ProposedAction.objects.get(pk=letter.pk).status for letter in letters]
    assert statuses == ["approved", "pending", "approved"]


def test_different_kinds_are_not_decided_together(console: Client, letters: list[ProposedAction]) -> None:
    gate = gate_of(start_new_customer("Another customer"))

    response = post(console, letters[0], gate, verdict="approve")

    assert response.status_code == 422
    assert "Only proposals of one kind are decided together." in words(response)
    assert Decision.objects.count() == 0


def test_nothing_ticked_leads_back(console: Client) -> None:
    response = console.post(f"{BULK}?q=oak", {"ticked": ["cs-pro-nothing"]}, follow=True)

    assert response.redirect_chain == [("/inbox/?q=oak", 302)]
    assert "Tick the proposals first" in words(response)  # type: ignore[arg-type]


def test_more_than_one_page_of_them_is_refused(
    console: Client, letters: list[ProposedAction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)

    response = post(console, *letters, verdict="approve")

    assert response.status_code == 422
    assert "At most 2 are decided together" in words(response)
    assert Decision.objects.count() == 0


def test_only_an_approver_decides_and_only_by_post(viewer: Client, console: Client) -> None:
    proposal = wait("1")

    assert post(viewer, proposal, verdict="approve").status_code == 403
    assert console.get(BULK).status_code == 405
    assert Decision.objects.count() == 0


def test_the_question_offers_the_reasons_of_before(console: Client, letters: list[ProposedAction]) -> None:
    post(console, letters[0], verdict="reject", reason="The price is too high.")

    assert "Recent reasons The price is too high." in words(post(console, *letters[1:]))
