"""A customer from the sales intake form: approved, created, welcomed."""

from collections.abc import Sequence

from workflows_app.management.demo.outcome import Outcome, fact
from workflows_app.management.demo.world import World
from workflows_app.models import Customer, CustomerProfile, CustomerProgram, WorkflowRun

NAME = "Lycée “Étoile du Nord” & Söhne 100%"
EMAIL = "cantine@etoile.example.org"


class NewCustomer:
    """The workflow `new_customer`."""

    workflow_type = "new_customer"

    def play(self, world: World) -> Sequence[WorkflowRun]:
        """The form, mike's yes to the customer, mike's yes to the welcome letter."""
        run = world.start(
            self.workflow_type,
            {
                "company_name": f"  {NAME} ",
                "contact_email": EMAIL,
                "contact_phone": "+1 555 0134",
                "billing_address": "12 Rue de l'Étoile\nMontpelier, VT 05602",
                "credit_limit": "5000.00",
            },
        )
        world.approve_all(run.pk, step="")
        world.approve_all(run.pk, step="welcome_email")
        return [run]

    def outcomes(self, world: World, run: WorkflowRun) -> list[Outcome]:
        """One customer with profile, program, NetSuite record and letter."""
        ids = list(Customer.objects.filter(companyname=NAME).values_list("pk", flat=True))
        profiles = CustomerProfile.objects.filter(customer_id__in=ids, first_quote_context__contains="best_sellers")
        programs = CustomerProgram.objects.filter(customer_id__in=ids, type="pricing_tier", status="active")
        confirmed = Customer.objects.filter(pk__in=ids, entitystatus="active", ns_id__isnull=False)
        return [
            fact("write_d1", "customers", 1, lambda: len(ids)),
            fact("write_d1", "profiles with a first-quote bundle", 1, profiles.count),
            fact("write_ns", "customers in NetSuite", 1, lambda: sum(_arrived(world, ids))),
            fact("write_ns", "customers active with its id", 1, confirmed.count),
            fact("assign_programs", "tier programs", 1, programs.count),
            fact("welcome_email", "letters in the mailbox", 1, lambda: len(world.letters(EMAIL))),
        ]


def _arrived(world: World, ids: list[str]) -> list[bool]:
    found = world.netsuite.records("customer")
    return [customer["companyName"] == NAME for customer in found if customer.get("externalId") in ids]
