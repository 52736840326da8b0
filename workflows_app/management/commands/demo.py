"""`demo [--only WORKFLOW]`: the five workflows on demo data, with scripted decisions and a readable report."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.base import Command as BaseCommand
from workflows_app.management.demo.outcome import Outcome, Scenario
from workflows_app.management.demo.play import play
from workflows_app.management.demo.scenarios.anomaly_remediation import AnomalyRemediation
from workflows_app.management.demo.scenarios.ar_aging_action_plan import ArAgingActionPlan
from workflows_app.management.demo.scenarios.customer_invoice_dispute import CustomerInvoiceDispute
from workflows_app.management.demo.scenarios.customer_quote import CustomerQuote
from workflows_app.management.demo.scenarios.new_customer import NewCustomer
from workflows_app.management.demo.world import World, fresh_world
from workflows_app.management.report import tell

# The scan goes first: a customer on hold is not expected to order, so later scenarios would change what it finds.
SCENARIOS: tuple[Scenario, ...] = (
    AnomalyRemediation(),
    NewCustomer(),
    CustomerQuote(),
    CustomerInvoiceDispute(),
    ArAgingActionPlan(),
)
_WIDEST = 36


class Command(BaseCommand):
    """Play the workflows in a database of its own; exit 1 when any step did not do what its contract says."""

    help = "Take all five workflows from trigger to verify, in a database of its own, and count what came of it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument(
            "--only",
            action="append",
            choices=[scenario.workflow_type for scenario in SCENARIOS],
            metavar="WORKFLOW",
            help="play this workflow alone (may be repeated): %(choices)s",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, report, count."""
        chosen = options["only"] or [scenario.workflow_type for scenario in SCENARIOS]
        with fresh_world() as world:
            scenarios = [scenario for scenario in SCENARIOS if scenario.workflow_type in chosen]
            rows = [row for scenario in scenarios for row in self._play(scenario, world)]
        self._table(rows)
        missing = [f"{workflow}/{outcome}" for workflow, outcome in rows if not outcome.holds]
        if missing:
            self.refuse("Not done as the contract says:\n  " + "\n  ".join(missing))

    def _play(self, scenario: Scenario, world: World) -> list[tuple[str, Outcome]]:
        played = play(scenario, world)
        for run in played.runs:
            run.refresh_from_db()
            tell(run, self.stdout.write)
        for outcome in played.outcomes:
            self.stdout.write(f"  {'there now':<14} {outcome.what}: {outcome.found}")
        self.stdout.write("")
        return [(scenario.workflow_type, outcome) for outcome in played.outcomes]

    def _table(self, rows: list[tuple[str, Outcome]]) -> None:
        self.stdout.write(f"{'workflow':<26}{'step':<22}{'what':<{_WIDEST}}{'expected':>9}{'found':>7}")
        for workflow, outcome in rows:
            mark = "" if outcome.holds else "   ← not done"
            what = f"{outcome.what[: _WIDEST - 1]:<{_WIDEST}}"
            self.stdout.write(f"{workflow:<26}{outcome.step:<22}{what}{outcome.expected:>9}{outcome.found:>7}{mark}")
        done = sum(outcome.holds for _, outcome in rows)
        self.stdout.write(f"{done} of {len(rows)} hold.")
