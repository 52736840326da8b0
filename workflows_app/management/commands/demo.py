"""`demo`: all five workflows on demo data, with scripted decisions and a readable report."""

from datetime import timedelta
from typing import Any

from approvals.clock import database_now
from workflows_app.management.base import Command as BaseCommand
from workflows_app.management.demo.outcome import Outcome, Scenario
from workflows_app.management.demo.report import tell
from workflows_app.management.demo.scenarios.anomaly_remediation import AnomalyRemediation
from workflows_app.management.demo.scenarios.ar_aging_action_plan import ArAgingActionPlan
from workflows_app.management.demo.scenarios.customer_invoice_dispute import CustomerInvoiceDispute
from workflows_app.management.demo.scenarios.customer_quote import CustomerQuote
from workflows_app.management.demo.scenarios.new_customer import NewCustomer
from workflows_app.management.demo.world import World, fresh_world
from workflows_app.models import VerifyResult, WorkflowRun

# The scan goes first: a customer on hold is not expected to order, so later scenarios would change what it finds.
SCENARIOS: tuple[Scenario, ...] = (
    AnomalyRemediation(),
    NewCustomer(),
    CustomerQuote(),
    CustomerInvoiceDispute(),
    ArAgingActionPlan(),
)
# What must wait: these look at NetSuite, to which nothing is pushed yet.
_WAITS_FOR_NETSUITE = {"ns_customer_reflects"}
# Late enough for every window to be over, early enough for no check to have been given up.
_LATER = timedelta(minutes=20)


class Command(BaseCommand):
    """Play the five workflows in a database of its own; exit 1 when any step did not do what its contract says."""

    help = "Take all five workflows from trigger to verify, in a database of its own, and count what came of it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, report, count."""
        with fresh_world() as world:
            rows = [row for scenario in SCENARIOS for row in self._play(scenario, world)]
        self._table(rows)
        missing = [f"{workflow}/{outcome.step}: {outcome.what}" for workflow, outcome in rows if not outcome.holds]
        if missing:
            self.refuse("Not done as the contract says:\n  " + "\n  ".join(missing))

    def _play(self, scenario: Scenario, world: World) -> list[tuple[str, Outcome]]:
        runs = scenario.play(world)
        world.verify(database_now() + _LATER)
        for run in runs:
            run.refresh_from_db()
            tell(run, self.stdout.write)
        outcomes = [*scenario.outcomes(world, runs[-1]), *_checks(runs[-1])]
        for outcome in outcomes:
            self.stdout.write(f"  {'there now':<14} {outcome.what}: {outcome.found}")
        self.stdout.write("")
        return [(scenario.workflow_type, outcome) for outcome in outcomes]

    def _table(self, rows: list[tuple[str, Outcome]]) -> None:
        self.stdout.write(f"{'workflow':<26}{'step':<22}{'what':<36}{'expected':>9}{'found':>7}")
        for workflow, outcome in rows:
            mark = "" if outcome.holds else "   ← not done"
            line = f"{workflow:<26}{outcome.step:<22}{outcome.what:<36}{outcome.expected:>9}{outcome.found:>7}{mark}"
            self.stdout.write(line)
        done = sum(outcome.holds for _, outcome in rows)
        self.stdout.write(f"{done} of {len(rows)} hold.")


def _checks(run: WorkflowRun) -> list[Outcome]:
    """Each verify check as an outcome; one that waits for NetSuite may be pending."""
    results = VerifyResult.objects.filter(run=run).exclude(name__in=_WAITS_FOR_NETSUITE, status="pending")
    return [
        Outcome(step=result.name, what="verify check passed", expected=1, found=int(result.status == "pass"))
        for result in results
    ]
