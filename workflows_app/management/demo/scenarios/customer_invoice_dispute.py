"""A customer with two open disputes writes about a third: answered, escalated, put on hold."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q

from workflows_app.inbox.intake import take_in
from workflows_app.management.demo.outcome import Outcome, fact
from workflows_app.management.demo.world import World
from workflows_app.models import ArDispute, Customer, CustomerProgram, SalesRep, Transaction, WorkflowRun

REASON = "We were billed for 40 cases of “Crème fraîche” but got 4 (10%). Please fix 🙏"


class CustomerInvoiceDispute:
    """The workflow `customer_invoice_dispute`."""

    workflow_type = "customer_invoice_dispute"

    def play(self, world: World) -> Sequence[WorkflowRun]:
        """The customer's message, mike's yes, and his yes to the answer, the escalation, its note and the hold."""
        customer = _customer()
        invoice = Transaction.objects.filter(customer_id=customer.pk, type="CustInvc").latest("trandate")
        take_in(_message(customer.email or "", invoice.tranid))
        world.work()
        run = WorkflowRun.objects.filter(workflow_type=self.workflow_type).latest("queued_at")
        world.approve_all(run.pk, step="")
        world.approve_all(run.pk)  # the answer, the escalation, the hold
        world.approve_all(run.pk)  # the note to the sales rep, which the escalation staged
        return [run]

    def outcomes(self, world: World, run: WorkflowRun) -> list[Outcome]:
        """An answer, an escalated dispute, a note to the rep, letters paused, service held."""
        disputed = ArDispute.objects.filter(reason=REASON, status="escalated")
        customer = Customer.objects.get(pk__in=disputed.values("customer_id")) if disputed.exists() else _customer()
        rep = SalesRep.objects.get(pk=customer.sales_rep)
        paused = ArDispute.objects.filter(customer_id=customer.pk, dunning_paused=True)
        held = CustomerProgram.objects.filter(customer_id=customer.pk, type="service_hold", status="active")
        answers = [letter for letter in world.letters(customer.email or "") if "40 cases" in letter.text]
        notes = [letter for letter in world.letters(rep.email) if "40 cases" in letter.text]
        return [
            fact("draft_response", "answers in the mailbox", 1, lambda: len(answers)),
            fact("escalate", "escalated disputes", 1, disputed.count),
            fact("escalate", "notes to the sales rep", 1, lambda: len(notes)),
            fact("ar_hold_decision", "disputes with letters paused", 2, paused.count),
            fact("ar_hold_decision", "service holds", 1, held.count),
            fact("ar_hold_decision", "customers on hold", 1, lambda: int(customer.entitystatus == "hold")),
        ]


def _message(address: str, invoice: str) -> bytes:
    """The message of the demo as this customer would send it: a person's answer to our invoice."""
    raw = Path(settings.BASE_DIR, "fixtures/demo/dispute.eml").read_bytes()
    return raw.replace(b"buyer@customer.example", address.encode()).replace(b"INV0000", invoice.encode())


def _customer() -> Customer:
    """An active customer with two disputes that are open, letters not paused."""
    counted = (
        ArDispute.objects.filter(status__in=["open", "escalated"])
        .exclude(reason=REASON)
        .values("customer_id")
        .annotate(open=Count("pk"), paused=Count("pk", filter=Q(dunning_paused=True)))
        .filter(open=2)
        .order_by("customer_id")
    )
    ids = [row["customer_id"] for row in counted]
    return Customer.objects.filter(pk__in=ids, email__contains="@", sales_rep__isnull=False).order_by("pk")[0]
