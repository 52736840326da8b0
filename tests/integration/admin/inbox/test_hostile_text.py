"""Text from outside is text in the inbox, and its POSTs need their token."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from approvals.models import Decision
from tests.integration.admin.conftest import browser
from tests.integration.admin.inbox.letters import draft
from tests.integration.admin.rows import start_new_customer
from tests.integration.admin.test_xss import PAYLOADS, executable


@pytest.mark.parametrize("payload", PAYLOADS)
def test_titles_customers_kinds_reasons_and_the_search_execute_nothing(
    console: Client, contracts: None, payload: str
) -> None:
    run = start_new_customer()
    names = {"title": payload, "customer_name": payload, "action_type": payload[:80]}
    proposal, rejected = draft(run, "1", **names), draft(run, "2", **names)
    data = {"ticked": [rejected.pk], f"digest:{rejected.pk}": rejected.digest}
    told = console.post("/inbox/together/", {**data, "verdict": "reject", "reason": payload})
    asked = console.post("/inbox/together/", {"ticked": [proposal.pk], f"digest:{proposal.pk}": payload})
    listed = console.get("/inbox/", {"q": payload})
    card = console.get(f"/inbox/{proposal.pk}/card/")

    assert "1 of 1 decided" in told.content.decode()
    for page in (told, asked, listed, card):
        assert executable(page.content.decode()) == []
    assert f'data-row="{proposal.pk}"' in listed.content.decode()


def test_a_post_without_its_token_is_forbidden(mike: User, contracts: None) -> None:
    proposal = draft(start_new_customer(), "1")
    data = {"ticked": [proposal.pk], f"digest:{proposal.pk}": proposal.digest, "verdict": "approve"}

    response = browser(mike, enforce_csrf_checks=True).post("/inbox/together/", data)

    assert response.status_code == 403
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("name", ["", "rows/", "next/", "count/", "cs-pro-1/", "cs-pro-1/card/", "cs-pro-1/row/"])
def test_looking_decides_nothing_whatever_is_asked(console: Client, contracts: None, name: str) -> None:
    proposal = draft(start_new_customer(), "1")
    asked = {"verdict": "approve", "digest": proposal.digest, "ticked": proposal.pk, "after": proposal.pk}

    assert console.get(f"/inbox/{name}", asked).status_code in {200, 302}
    assert Decision.objects.count() == 0
