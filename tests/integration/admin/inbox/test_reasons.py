"""The reasons that the card offers for rejecting: the latest of the same kind, each once."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import Decision
from tests.integration.admin.inbox.letters import draft
from tests.integration.admin.rows import gate_of, start_new_customer
from workflows_app.admin.proposals.reasons import recent_reasons
from workflows_app.models import WorkflowRun


def reject(console: Client, run: WorkflowRun, number: int, reason: str, **changes: str) -> None:
    """A letter that is rejected with this reason."""
    proposal = draft(run, str(number), **changes)
    data = {"digest": proposal.digest, "verdict": "reject", "reason": reason}
    response = console.post(reverse("admin:proposal_decide", args=[proposal.pk]), data)
    assert response.status_code == 302


def test_the_newest_five_of_the_same_kind_are_offered_once_each(console: Client, contracts: None) -> None:
    run = start_new_customer()
    for number, reason in enumerate(["One", "Two", "Three", "Two", "Four", "Five", "Six"]):
        reject(console, run, number, reason)
    reject(console, run, 90, "Of another kind", action_type="collection_action")
    reject(console, run, 91, "A very long one. " * 30)

    assert recent_reasons("customer_email") == ("Six", "Five", "Four", "Two", "Three")


def test_the_card_offers_them(console: Client, contracts: None) -> None:
    run = start_new_customer()
    reject(console, run, 1, "The price is <b>too high</b>.")
    draft(run, "2")

    page = console.get(reverse("inbox:card", args=["cs-pro-2"])).content.decode()

    assert 'data-reason="The price is &lt;b&gt;too high&lt;/b&gt;."' in page


@pytest.mark.parametrize(
    ("sent", "kept"),
    [({"recent": "Too dear."}, "Too dear."), ({"recent": "Too dear.", "reason": "Much too dear."}, "Much too dear.")],
)
def test_without_a_script_a_chosen_reason_counts_when_none_is_typed(
    console: Client, contracts: None, sent: dict[str, str], kept: str
) -> None:
    proposal = draft(start_new_customer(), "1")

    data = {"digest": proposal.digest, "verdict": "reject", "reason": "", **sent}
    console.post(reverse("admin:proposal_decide", args=[proposal.pk]), data)

    assert Decision.objects.get().reason == kept


def test_a_chosen_reason_is_none_of_an_approval(console: Client, contracts: None) -> None:
    proposal = draft(start_new_customer(), "1")

    data = {"digest": proposal.digest, "verdict": "approve", "reason": "", "recent": "Too dear."}
    console.post(reverse("admin:proposal_decide", args=[proposal.pk]), data)

    assert Decision.objects.get().reason == ""


def test_a_kind_that_was_never_rejected_offers_nothing(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())

    with CaptureQueriesContext(connection) as captured:
        assert recent_reasons(gate.action_type) == ()
    assert len(captured) == 1
