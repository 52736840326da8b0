"""A form that is older than the login: nothing is done, and the page says how nothing that was typed is lost."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from approvals.models import ProposalStatus, ProposedAction
from tests.integration.admin.rows import leaf, letter, stage

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TYPED = "It took an hour to write."


def send(client: Client, token: str, **headers: str) -> tuple[int, str]:
    """A decision with a token that is not the browser's."""
    proposal = ProposedAction.objects.get()
    data = {"verdict": "reject", "reason": TYPED, "digest": proposal.digest, "csrfmiddlewaretoken": token}
    answer = client.post(f"/approvals/proposedaction/{proposal.pk}/decide/", data, headers=headers)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("token", ["", "x" * 64])
def test_it_says_that_nothing_was_done_and_leads_back(mike: User, token: str) -> None:
    stage(leaf(letter()))
    client = Client(enforce_csrf_checks=True)
    client.force_login(mike)

    status, page = send(client, token, referer="http://testserver/inbox/?q=maple")

    assert status == 403
    assert "Nothing was done." in page
    assert "what you typed is still there" in page
    assert '<a href="/inbox/?q=maple">' in page
    assert TYPED not in page  # a page elsewhere may have sent it
    assert ProposedAction.objects.get().status == ProposalStatus.PENDING


@pytest.mark.parametrize("referer", ["", "https://evil.example/inbox/", "javascript:alert(1)", "//evil.example/x"])
def test_it_leads_to_no_other_site(mike: User, referer: str) -> None:
    stage(leaf(letter()))

    status, page = send(Client(enforce_csrf_checks=True), "", referer=referer)

    assert status == 403
    assert "evil.example" not in page
    assert "javascript:" not in page
    assert 'href="/"' in page
