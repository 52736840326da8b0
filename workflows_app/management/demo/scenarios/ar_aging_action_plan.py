"""The morning of receivables: the cron comes due, letters by tier, service holds, a digest per sales rep."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max, Sum

from approvals.clock import database_now
from approvals.models import ProposedAction
from workflows_app.management.demo.outcome import Outcome, fact
from workflows_app.management.demo.world import World
from workflows_app.models import ArAging, ArDispute, Customer, CustomerProgram, SalesRep, WorkflowContract, WorkflowRun
from workflows_app.triggers import cron


class ArAgingActionPlan:
    """The workflow `ar_aging_action_plan`."""

    workflow_type = "ar_aging_action_plan"

    def play(self, world: World) -> Sequence[WorkflowRun]:
        """06:00 in New York comes, mike approves the plan, then its letters, holds and digests."""
        six = _six_in_the_morning()
        before = six - timedelta(hours=2)
        WorkflowContract.objects.filter(workflow_type=self.workflow_type).update(activated_at=before)
        cron.start_due(six)
        world.work()
        run = WorkflowRun.objects.filter(workflow_type=self.workflow_type).latest("queued_at")
        world.approve_all(run.pk, step="")
        world.approve_all(run.pk)
        return [run]

    def outcomes(self, world: World, run: WorkflowRun) -> list[Outcome]:
        """A letter for everybody who is due, a hold where it is old and large, a digest for every rep concerned."""
        due, large, reps = _due(), _old_and_large(), _reps()
        staged = ProposedAction.objects.filter(run_id=run.pk, action_type="collection_action", status="approved")
        held = CustomerProgram.objects.filter(customer_id__in=large, type="service_hold", status="active")
        on_hold = Customer.objects.filter(pk__in=large, entitystatus="hold")
        return [
            fact("draft_per_tier", "collection letters approved", len(due), staged.count),
            fact("draft_per_tier", "customers with a letter", len(due), lambda: _reached(world, due, "account")),
            fact("pause_on_hold_check", "service holds", len(large), held.count),
            fact("pause_on_hold_check", "customers on hold", len(large), on_hold.count),
            fact("sales_rep_notify", "reps with a digest", len(reps), lambda: _digests(world, reps)),
        ]


def _six_in_the_morning() -> datetime:
    """The last time it was 06:00 in New York, give or take the offset of the season, and a minute more."""
    now = database_now()
    six = now.replace(hour=11, minute=1, second=0, microsecond=0)
    return six if six <= now else six - timedelta(days=1)


def _due() -> set[str]:
    """Customers past due with an undisputed invoice and an address, none of whose disputes paused letters."""
    disputes = ArDispute.objects.filter(status__in=["open", "escalated"])
    paused = set(disputes.filter(dunning_paused=True).values_list("customer_id", flat=True))
    disputed = set(disputes.values_list("customer_id", "invoice_ref"))
    overdue = ArAging.objects.filter(days_overdue__gt=0).values_list("customer_id", "tranid")
    owing = {customer for customer, tranid in overdue if customer not in paused and (customer, tranid) not in disputed}
    return set(Customer.objects.filter(pk__in=owing, email__contains="@").values_list("pk", flat=True))


def _old_and_large() -> set[str]:
    """Over 90 days and over 25,000 (the seed's `pause_on_hold_check`)."""
    overdue = ArAging.objects.filter(days_overdue__gt=0).values("customer_id")
    totals = overdue.annotate(total=Sum("amount"), oldest=Max("days_overdue"))
    return {row["customer_id"] for row in totals if row["total"] > 25000 and row["oldest"] > 90}


def _reps() -> set[str]:
    overdue = ArAging.objects.filter(days_overdue__gt=0).values("customer_id")
    reps = Customer.objects.filter(pk__in=overdue).values("sales_rep")
    return set(SalesRep.objects.filter(pk__in=reps).values_list("email", flat=True))


def _reached(world: World, due: set[str], word: str) -> int:
    addresses = Customer.objects.filter(pk__in=due).values_list("email", flat=True)
    return sum(any(word in letter.text.lower() for letter in world.letters(address or "")) for address in addresses)


def _digests(world: World, reps: set[str]) -> int:
    return sum(any("past-due" in letter.subject.lower() for letter in world.letters(rep)) for rep in reps)
