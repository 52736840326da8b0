"""Deciding on the card: who can, what is shown, and what a second click finds."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from approvals import services
from approvals.models import Decision, ProposalStatus, ProposedAction
from tests.integration.admin.rows import gate_of, leaf, letter, stage, staged, start_new_customer
from workflows_app.models import WorkflowRun
from workflows_app.models.hold import Hold


def card_url(proposal: ProposedAction) -> str:
    return reverse("admin:approvals_proposedaction_change", args=[proposal.pk])


def card(client: Client, proposal: ProposedAction) -> str:
    response = client.get(card_url(proposal))
    assert response.status_code == 200
    return response.content.decode()


def decide(client: Client, proposal: ProposedAction, verdict: str, **changes: str) -> str:
    """POST a decision and read the page that follows."""
    data = {"verdict": verdict, "digest": proposal.digest, "reason": "", **changes}
    response = client.post(reverse("admin:proposal_decide", args=[proposal.pk]), data, follow=True)
    return response.content.decode()


def status_of(proposal: ProposedAction) -> str:
    return ProposedAction.objects.get(pk=proposal.pk).status


def test_the_approver_approves_what_the_card_shows(console: Client, contracts: None) -> None:
    run = start_new_customer()
    gate = gate_of(run)

    page = decide(console, gate, "approve")

    assert "Approved." in page
    assert status_of(gate) == ProposalStatus.APPROVED
    decision = Decision.objects.get(proposal=gate)
    assert (decision.channel, decision.principal, decision.digest_shown) == ("admin", "person:mike", gate.digest)


def test_approving_during_a_hold_says_that_nothing_happens_yet(console: Client, contracts: None) -> None:
    Hold.objects.create(pk=1, on=True)

    page = decide(console, gate_of(start_new_customer()), "approve")

    assert "Everything is on hold: it is done when the hold is lifted." in page


def test_rejecting_needs_a_reason(console: Client) -> None:
    proposal = stage(leaf(letter()))

    page = decide(console, proposal, "reject", reason="  ")

    assert "Rejecting needs a reason." in page
    assert status_of(proposal) == ProposalStatus.PENDING


def test_rejecting_a_gate_ends_its_run(console: Client, contracts: None) -> None:
    run = start_new_customer()

    decide(console, gate_of(run), "reject", reason="Not our kind of customer.")

    assert WorkflowRun.objects.get(pk=run.pk).status == "rejected"
    assert "Not our kind of customer." in card(console, gate_of(run))


def test_a_second_click_finds_what_came_first(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())
    decide(console, gate, "approve")

    page = decide(console, gate, "approve")

    assert "Already approved by mike" in page
    assert Decision.objects.filter(proposal=gate).count() == 1


def test_a_decision_on_an_older_card_is_refused(console: Client) -> None:
    proposal = stage(leaf(letter()))

    page = decide(console, proposal, "approve", digest="0" * 64)

    assert "out of date" in page
    assert status_of(proposal) == ProposalStatus.PENDING


@pytest.mark.parametrize("who", ["viewer", "superuser", "sales"])
def test_nobody_without_the_permission_decides(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    proposal = stage(leaf(letter()))

    decide(client, proposal, "approve")
    decide(client, proposal, "reject", reason="No.")

    assert status_of(proposal) == ProposalStatus.PENDING
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_who_cannot_decide_sees_no_buttons(who: str, request: pytest.FixtureRequest) -> None:
    client = request.getfixturevalue(who)
    proposal = stage(leaf(letter()))

    page = card(client, proposal)

    assert 'name="verdict"' not in page
    assert "You can look, but not decide." in page
    assert "Propose this instead" not in page


def test_an_anonymous_visitor_is_sent_to_the_login(client: Client, db: None) -> None:
    proposal = stage(leaf(letter()))

    response = client.post(reverse("admin:proposal_decide", args=[proposal.pk]), {"verdict": "approve"})

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login/")


def test_a_person_who_holds_the_permission_by_name_decides(viewer: Client) -> None:
    proposal = stage(leaf(letter()))
    vera = User.objects.get(username="vera")
    vera.user_permissions.add(Permission.objects.get(codename="decide_proposedaction"))

    assert 'name="verdict"' in card(viewer, proposal)


def test_the_card_shows_every_kind_of_effect(console: Client) -> None:
    proposal = stage(
        leaf(
            letter(),
            {"kind": "row.update", "table": "customers", "id": "7", "set": {"entitystatus": "hold"},
             "was": {"entitystatus": "active"}},
            {"kind": "row.insert", "table": "customer_programs", "id": "cs-prg-1",
             "values": {"name": "Service hold", "starts_at": {"placeholder": "now"}}},
            {"kind": "netsuite.push", "id": "cs-psh-1", "external_id": "cs-est-1", "record_type": "estimate",
             "queue": "NS_PUSH_QUEUE", "on_failure": "retry_3_then_alert",
             "record": {"memo": "A memo", "item": {"items": [{"itemCode": "ITM-1", "rate": "12.50"}]}}},
            {"kind": "event.record", "id": "e", "event_type": "customer.held", "idempotency_key": "k", "payload": {}},
            {"kind": "http.request", "id": "h", "method": "POST", "path": "/api/quote/pdf", "body": {"quote": "1"},
             "produces": "quotes/1.pdf"},
            staged(letter(id="cs-eml-2", subject="A nested letter")),
        )
    )  # fmt: skip

    page = card(console, proposal)

    for words in (
        "Letter to food@mapleridge.example", "please pay.", "quote.pdf", "ab" * 32,
        "Change customer", "active", "hold", "New customer program: Service hold", "the moment this is applied",
        "NetSuite: estimate", "A memo", "ITM-1", "12.50", "customer.held", "POST /api/quote/pdf", "quotes/1.pdf",
        "A nested letter", "row.total = was.total", proposal.digest,
    ):  # fmt: skip
        assert words in page, words


def test_an_envelope_shows_checks_inputs_and_skipped_items(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())

    page = card(console, gate)

    assert "No duplicate" in page
    assert "holds" in page
    assert "New customer: Maple Ridge Schools" in page
    assert f"/workflows_app/workflowrun/{gate.run_id}/change/" in page


def test_a_text_that_was_changed_after_it_was_proposed_cannot_be_approved_here(console: Client) -> None:
    proposal = stage(leaf(letter()))
    changed = proposal.effects.replace("please pay", "please pay me")
    ProposedAction.objects.filter(pk=proposal.pk).update(effects=changed)

    page = card(console, proposal)

    assert 'value="approve"' not in page
    assert "cannot be shown, or is not what was hashed" in page


@pytest.mark.parametrize("text", [[], {}, {"on_approve": [{}]}, {"plan": [{"step": "x"}]}, {"plan": None}])
def test_a_text_that_is_no_card_can_be_looked_at_and_not_approved(console: Client, text: object) -> None:
    proposal = stage(text)

    page = card(console, proposal)

    if text != {}:
        assert 'value="approve"' not in page
    assert 'value="reject"' in page


def test_a_superseded_card_says_so_and_links_to_the_newer_one(console: Client) -> None:
    proposal = stage(leaf(letter()))
    post = {"digest": proposal.digest, "field-1": "Dear customer,\r\nplease pay by Friday."}
    edited = services.supersede(proposal.pk, _new(proposal))
    assert edited is not None

    page = card(console, proposal)

    assert "A newer proposal took the place of this one." in page
    assert card_url(edited) in page
    assert 'name="verdict"' not in page
    refused = console.post(reverse("admin:proposal_edit", args=[proposal.pk]), post)
    assert refused.status_code == 422
    assert "Superseded by cs-pro-newer" in refused.content.decode()


def _new(old: ProposedAction) -> services.NewProposal:
    return services.NewProposal(
        id="cs-pro-newer",
        action_type=old.action_type,
        entity_type=old.entity_type,
        entity_ref=old.entity_ref,
        customer_name=old.customer_name,
        title=old.title,
        summary=old.summary,
        payload=old.payload,
        risk_level=3,
        amount=None,
        window_minutes=60,
        expires_seconds=86400,
        proposed_by=old.proposed_by,
        run_id="",
        step="",
        item="",
        plan_revision=2,
        effects=old.effects,
        difference='[{"now":"12.00","was":"10.00","where":"write_quote · quotes · total"}]',
    )


def test_the_newer_card_shows_the_difference(console: Client) -> None:
    proposal = stage(leaf(letter()))
    newer = services.supersede(proposal.pk, _new(proposal))
    assert newer is not None

    page = card(console, newer)

    assert "write quote · quotes · total" in page
    assert "10.00" in page
    assert "12.00" in page


def test_pending_proposals_come_first_in_the_list(console: Client) -> None:
    stage(leaf(letter()), "older", title="The older one")
    newer = stage(leaf(letter()), "newer", title="The newer one")
    ProposedAction.objects.filter(pk=newer.pk).update(status=ProposalStatus.REJECTED)

    page = console.get(reverse("admin:approvals_proposedaction_changelist")).content.decode()

    assert page.index("The older one") < page.index("The newer one")
