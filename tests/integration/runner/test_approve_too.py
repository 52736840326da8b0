"""Approve this too: a draft that was ticked on its envelope's card is approved by the same person, or waits."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from approvals import chain, services
from approvals.canonical import canonical, digest, parse
from approvals.clock import database_now
from approvals.models import Decision, ProposedAction, Verdict
from tests import factories
from tests.integration.admin.conftest import browser, person
from tests.integration.admin.rows import gate_of, start_new_customer, start_quote
from workflows_app import tasks
from workflows_app.effects.drafts import approvable, drafts
from workflows_app.effects.errors import transient
from workflows_app.models import OutboundEmail
from workflows_app.runner import approve_too, leaf, reading
from workflows_app.triggers import sweep
from workflows_app.triggers.work import work

pytestmark = pytest.mark.usefixtures("released")


@pytest.fixture
def released(db: None) -> None:
    """All released contracts."""
    call_command("load_contracts", stdout=StringIO())


@pytest.fixture
def mike(db: None) -> User:
    """The approver."""
    return person("mike", "Approvers")


def approve(gate: ProposedAction, user: User, also: dict[str, str]) -> services.DecisionResult:
    return services.decide(gate.pk, Verdict.APPROVE, user=user, channel="test", digest=gate.digest, also=also)


def draft_of(gate: ProposedAction) -> ProposedAction:
    """The welcome letter that the run has staged."""
    return ProposedAction.objects.get(run_id=gate.run_id, step="welcome_email")


def test_a_ticked_draft_is_approved_by_the_same_person_in_a_decision_of_its_own(mike: User) -> None:
    gate = gate_of(start_new_customer())

    approve(gate, mike, approvable(parse(gate.effects)))
    work()

    draft = draft_of(gate)
    own = Decision.objects.get(proposal=draft)
    assert (draft.status, own.verdict, own.principal) == ("approved", "approve", "person:mike")
    assert own.digest_shown == own.digest_decided == draft.digest
    assert own.channel == "test, with its envelope"
    assert OutboundEmail.objects.get(proposed_action=draft.pk).digest == draft.digest
    assert chain.verify() == []


def test_a_draft_that_was_not_ticked_waits(mike: User) -> None:
    gate = gate_of(start_new_customer())

    approve(gate, mike, {})
    work()

    assert draft_of(gate).status == "pending"
    assert not OutboundEmail.objects.exists()


def test_the_digest_of_a_planned_draft_is_the_one_that_it_gets(mike: User) -> None:
    gate = gate_of(start_new_customer())
    (planned,) = drafts(parse(gate.effects))

    approve(gate, mike, {})
    work()

    assert planned.digest == draft_of(gate).digest == digest(draft_of(gate).effects)


def test_a_draft_that_came_out_otherwise_waits_for_its_own_decision(
    mike: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(start_new_customer())
    wishes = approvable(parse(gate.effects))
    approve(gate, mike, wishes)
    _plan_otherwise(gate, monkeypatch)

    work()

    assert draft_of(gate).digest not in wishes.values()
    assert draft_of(gate).status == "pending"


def _plan_otherwise(gate: ProposedAction, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the letter be worded differently when the run is checked again before it is applied."""
    real = reading.make_plan

    def other(*arguments: object, **options: object) -> object:
        plan = real(*arguments, **options)  # type: ignore[arg-type]
        for item in plan:
            for effect in item["effects"]:
                if effect["kind"] == "proposal.stage":
                    effect["summary"] = "Worded differently."
        return plan

    monkeypatch.setattr(reading, "make_plan", other)


def test_a_wish_for_what_the_card_does_not_offer_is_refused_and_nothing_is_decided(mike: User) -> None:
    gate = gate_of(start_new_customer())

    foreign = approve(gate, mike, {"cs-pro-foreign": "0" * 64})
    wrong = approve(gate, mike, dict.fromkeys(approvable(parse(gate.effects)), "0" * 64))

    assert (foreign.outcome, wrong.outcome) == ("refused", "refused")
    assert "not a draft of this card" in foreign.message
    assert not Decision.objects.exists()
    assert ProposedAction.objects.get(pk=gate.pk).status == "pending"


def test_a_permission_that_was_taken_away_meanwhile_approves_no_draft(mike: User) -> None:
    gate = gate_of(start_new_customer())
    approve(gate, mike, approvable(parse(gate.effects)))
    mike.groups.clear()

    work()

    assert draft_of(gate).status == "pending"
    assert Decision.objects.count() == 1


def test_a_rejection_approves_no_draft(mike: User) -> None:
    gate = gate_of(start_new_customer())
    also = approvable(parse(gate.effects))

    services.decide(gate.pk, Verdict.REJECT, user=mike, channel="test", digest=gate.digest, reason="No.", also=also)
    work()

    assert Decision.objects.get().edits == "[]"
    assert not ProposedAction.objects.exclude(step="").exists()


def test_a_draft_with_something_open_is_not_offered() -> None:
    gate = gate_of(start_quote(factories.CustomerFactory().id))

    (letter,) = drafts(parse(gate.effects))

    assert letter.refusal == "still open: a file that is made first"
    assert approvable(parse(gate.effects)) == {}


def test_ticking_on_the_card_sends_the_letter(mike: User) -> None:
    gate = gate_of(start_new_customer())
    console = browser(mike)
    (draft,) = approvable(parse(gate.effects))

    page = console.get(reverse("admin:approvals_proposedaction_change", args=[gate.pk])).content.decode()
    _post(console, gate, draft)
    work()

    assert f'name="also" value="{draft}" form="cs-decide"' in page
    assert draft_of(gate).status == "approved"


def test_a_made_up_tick_is_refused_in_words(mike: User) -> None:
    gate = gate_of(start_new_customer())

    page = _post(browser(mike), gate, "cs-pro-made-up")

    assert "not a draft of this card" in page
    assert ProposedAction.objects.get(pk=gate.pk).status == "pending"


def test_all_stands_for_every_draft_that_is_offered(mike: User) -> None:
    gate = gate_of(start_new_customer())

    _post(browser(mike), gate, "all")
    work()

    assert draft_of(gate).status == "approved"


def _post(console: Client, gate: ProposedAction, ticked: str) -> str:
    data = {"verdict": "approve", "digest": gate.digest, "also": [ticked]}
    response = console.post(reverse("admin:proposal_decide", args=[gate.pk]), data, follow=True)
    return response.content.decode()


def test_the_wishes_are_part_of_the_chain(mike: User) -> None:
    gate = gate_of(start_new_customer())
    wishes = approvable(parse(gate.effects))
    approve(gate, mike, wishes)

    Decision.objects.update(edits=canonical([]))

    assert chain.verify() != []


class Died(BaseException):
    """A worker that is killed: nothing catches it."""


def _die(*_arguments: object) -> None:
    raise Died


def _let_the_worker_die(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the pass that stages the drafts and the one that approves them."""
    with monkeypatch.context() as broken:
        broken.setattr(approve_too, "approve_drafts", _die)
        with pytest.raises(Died):
            work()


def test_what_a_worker_that_died_has_left_is_approved_by_the_next_pass(
    mike: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(start_new_customer())
    approve(gate, mike, approvable(parse(gate.effects)))
    _let_the_worker_die(monkeypatch)
    left = draft_of(gate).status

    rung = sweep.wake(database_now())
    tasks.apply_approved()

    assert (left, rung) == ("pending", 1)
    assert draft_of(gate).status == "approved"
    assert OutboundEmail.objects.count() == 1
    assert sweep.wake(database_now()) == 0


def test_a_database_that_was_busy_is_asked_again_and_a_refusal_is_not(
    mike: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = gate_of(start_new_customer())
    approve(gate, mike, approvable(parse(gate.effects)))
    with monkeypatch.context() as busy:
        busy.setattr(leaf, "apply_leaf", _be_busy)
        work()
    waiting = approve_too.unfinished().count()
    mike.groups.clear()

    refused = approve_too.approve_left()

    assert (waiting, refused) == (1, 0)
    assert draft_of(gate).status == "pending"
    assert not approve_too.unfinished().exists()


def _be_busy(*_arguments: object) -> None:
    raise transient("the database: locked")


def test_an_envelope_without_ticks_leaves_nothing_to_finish(mike: User, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = gate_of(start_new_customer())
    approve(gate, mike, {})

    _let_the_worker_die(monkeypatch)

    assert sweep.wake(database_now()) == 0
    assert not approve_too.unfinished().exists()
