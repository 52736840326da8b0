"""Ticks, repeated delivery, crashes, edits, holds and decisions in any order: no effect twice, no end undone."""

from typing import Any

from django.core import mail
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from approvals import chain, services
from approvals.canonical import parse
from approvals.clock import DatabaseNow
from approvals.models import Decision, ProposedAction
from approvals.principals import Principal
from tests.company import customer, item, quote_request
from tests.integration.runner.dying import Killed, dying_worker
from tests.world import World
from workflows_app import tasks
from workflows_app.models import (
    Alert,
    OutboundEmail,
    PendingPush,
    Quote,
    QuoteLine,
    RunLog,
    SpecItem,
    WorkflowContract,
    WorkflowRun,
    WorkflowStep,
)
from workflows_app.models.run import TERMINAL
from workflows_app.runner.hold import set_hold
from workflows_app.runner.intervene import Wish, intervene

BY = Principal.machine("test")
PRICES = st.sampled_from(["18.00", "20.00", "25.00"])


class Quoting(RuleBasedStateMachine):
    """Quotes for one customer, and everything that may happen to them. Each example is rolled back."""

    world: World
    completed = 0  # in all examples together

    runs = Bundle("runs")
    cards = Bundle("cards")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction._from_testcase = True  # as Django's own test cases do: what is durable may be nested in it
        self.transaction.__enter__()
        WorkflowContract.objects.update(paused=True, activated_at=DatabaseNow())
        item("MILK")
        self.oak = customer("Oak School")
        self.ended: dict[str, str] = {}
        mail.outbox.clear()

    def teardown(self) -> None:
        """Forget everything."""
        type(self).completed += WorkflowRun.objects.filter(status="completed").count()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(target=runs)
    def somebody_has_asked_for_a_quote(self) -> str:
        return self.somebody_asks_for_a_quote(key="first")

    @rule(target=runs, key=st.sampled_from(["first", "second", "third"]))
    def somebody_asks_for_a_quote(self, key: str) -> str:
        return str(self.world.start("customer_quote", quote_request(self.oak, "MILK"), key=key).pk)

    @rule(target=cards, run=runs)
    def mike_looks_at_the_gate(self, run: str) -> ProposedAction:
        return ProposedAction.objects.get(pk=WorkflowRun.objects.get(pk=run).proposal_id)

    @rule(target=cards, run=runs)
    def mike_looks_at_the_newest_card(self, run: str) -> ProposedAction:
        return ProposedAction.objects.filter(run_id=run).latest("proposed_at")

    @rule(card=cards, verdict=st.sampled_from(["approve", "approve", "reject"]))
    def mike_decides_by_a_card_of_any_age(self, card: ProposedAction, verdict: str) -> None:
        self.world.decide(card, verdict)

    @rule()
    def mike_approves_what_has_waited_longest(self) -> None:
        for card in ProposedAction.objects.filter(status="pending").order_by("proposed_at")[:1]:
            self.world.decide(card)

    @rule()
    def mike_approves_and_a_worker_follows(self) -> None:
        self.mike_approves_what_has_waited_longest()
        self.world.work()

    @rule(card=cards, price=PRICES)
    def mike_edits_a_price(self, card: ProposedAction, price: str) -> None:
        self.world.edit(card, "line:MILK", "case_price", price)

    @rule(run=runs, what=st.sampled_from(["retry", "skip", "cancel"]))
    def mike_intervenes_in_a_run(self, run: str, what: Any) -> None:
        wish = Wish(run_id=run, what=what, step="write_quote", reason="not wanted any more")
        intervene(wish, user=self.world.mike, channel="test")

    @rule(price=PRICES)
    def the_list_price_changes(self, price: str) -> None:
        SpecItem.objects.update(list_price=price)

    @rule(run=runs)
    def a_task_comes(self, run: str) -> None:
        tasks.advance(run)

    @rule()
    def workers_do_everything(self) -> None:
        self.world.work()

    @rule(kind=st.sampled_from(["row.update", "netsuite.push", "proposal.stage", "email.send"]), run=runs)
    def a_worker_dies(self, kind: str, run: str) -> None:
        try:
            with dying_worker(kind):
                tasks.advance(run)
                tasks.apply_approved()
        except Killed:
            return

    @rule()
    def the_leases_of_the_dead_run_out(self) -> None:
        WorkflowRun.objects.filter(lease_until__isnull=False).update(lease_until="2026-01-01T00:00:00Z")

    @rule()
    def the_scheduler_passes(self) -> None:
        tasks.tick()
        tasks.run_verify()

    @rule()
    def letters_are_delivered(self) -> None:
        tasks.deliver()

    @rule(on=st.sampled_from([False, False, True]))
    def the_hold_is_turned(self, on: bool) -> None:
        set_hold(on, BY)

    @rule(card=cards)
    def time_runs_out_for_a_card(self, card: ProposedAction) -> None:
        late = ProposedAction.objects.filter(pk=card.pk, status="pending")
        late.update(expires_at=DatabaseNow(), proposed_at="2026-01-01T00:00:00Z")
        services.expire_due()

    @invariant()
    def what_has_ended_stays_so(self) -> None:
        now = dict(WorkflowRun.objects.values_list("pk", "status"))
        assert self.ended.items() <= now.items()
        self.ended = {run: status for run, status in now.items() if status in TERMINAL}
        assert RunLog.objects.count() == len(self.ended)

    @invariant()
    def no_pass_breaks_off(self) -> None:
        assert not Alert.objects.filter(kind="run_broke_off").exists()

    @invariant()
    def each_run_wrote_once_and_only_when_it_was_completed(self) -> None:
        written = WorkflowStep.objects.filter(step="write_quote", status="done").count()
        completed = WorkflowRun.objects.filter(status="completed").count()
        assert written == completed == Quote.objects.count() == QuoteLine.objects.count()
        assert PendingPush.objects.count() == completed

    @invariant()
    def every_quote_has_the_price_that_mike_saw(self) -> None:
        for push in PendingPush.objects.select_related("proposal"):
            decided = Decision.objects.get(proposal=push.proposal, verdict="approve")
            shown = parse(push.proposal.effects)["plan"][0]["effects"][0]["values"]["total"]
            assert decided.digest_decided == push.digest
            assert str(Quote.objects.get(pk=push.external_id).total) == shown

    @invariant()
    def every_cancelled_run_is_a_decision_and_did_nothing(self) -> None:
        cancelled = set(WorkflowRun.objects.filter(status="cancelled").values_list("pk", flat=True))
        record = Decision.objects.filter(proposal__action_type="run_intervention", verdict="approve")
        assert cancelled == set(record.values_list("proposal__run_id", flat=True))
        assert not WorkflowStep.objects.filter(run__in=cancelled, status="done").exists()
        assert chain.verify() == []

    @invariant()
    def every_letter_was_approved_and_left_once(self) -> None:
        approved = ProposedAction.objects.filter(step="send_email", status="approved").count()
        queued = OutboundEmail.objects.count()
        assert len(mail.outbox) == OutboundEmail.objects.filter(status="sent").count() <= queued <= approved


def test_no_order_of_events_does_anything_twice(world: World) -> None:
    examples = 40 if connection.vendor == "sqlite" else 10  # each step is many commits there
    chosen: Any = settings(
        max_examples=examples,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

    quoting = type("QuotingHere", (Quoting,), {"world": world})

    run_state_machine_as_test(quoting, settings=chosen)

    assert quoting.completed >= examples // 8  # else it has shown nothing
