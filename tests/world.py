"""What a test of the whole way of a run may do: start, look at cards, decide as mike, let workers work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from django.contrib.auth.models import User

from approvals import services
from approvals.canonical import parse
from approvals.models import ProposedAction, Verdict
from approvals.principals import Principal
from workflows_app.contracts.load import ContractFile, load_file
from workflows_app.delivery.email import deliver_emails
from workflows_app.models import OutboundEmail, PendingPush, WorkflowContract, WorkflowRun
from workflows_app.models.catalog import model_for, tables
from workflows_app.runner.catalog import catalog
from workflows_app.runner.release import release
from workflows_app.triggers import manual
from workflows_app.triggers.work import work

ROOT = Path(__file__).parents[1]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def ago(**parts: float) -> datetime:
    """A moment before this one, by the real clock that decisions and rechecks go by."""
    return datetime.now(UTC) - timedelta(**parts)


def load_contracts(*names: str) -> None:
    """Release contract files, active since long ago; no names: all of `fixtures/contracts`."""
    paths = [ROOT / name for name in names] or sorted((ROOT / "fixtures/contracts").glob("*.yaml"))
    release([_file(path) for path in paths], LONG_AGO)


@cache
def _file(path: Path) -> ContractFile:
    return load_file(path, catalog(), shown_as=path.name)


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that effects may change, and of both outboxes: equal means that nothing happened."""
    models = {name: model_for(name) for name, table in tables().items() if table.writable}
    models |= {"ns_pending_pushes": PendingPush, "outbound_email_log": OutboundEmail}
    return {name: sorted(map(tuple, model.objects.values_list()), key=str) for name, model in models.items()}


def changed(before: dict[str, list[tuple[Any, ...]]]) -> dict[str, int]:
    """How many rows are new or different in each table since `before`."""
    now = snapshot()
    counts = {name: len(set(now[name]) - set(rows)) for name, rows in before.items()}
    return {name: count for name, count in counts.items() if count}


@dataclass(frozen=True, kw_only=True)
class World:
    """Loaded contracts, and mike who decides."""

    mike: User

    def start(self, workflow_type: str, inputs: dict[str, Any] | None = None, *, key: str = "") -> WorkflowRun:
        """Start a workflow by hand."""
        contract = WorkflowContract.objects.get(workflow_type=workflow_type, active=True)
        return manual.start(contract, inputs or {}, principal=Principal.person(self.mike), key=key)

    def gate(self, run: WorkflowRun) -> ProposedAction:
        """The card that holds the run now."""
        run.refresh_from_db()
        return ProposedAction.objects.get(pk=run.proposal_id)

    def leaf(self, run: WorkflowRun, step: str, **conditions: Any) -> ProposedAction:
        """The proposal that a step staged."""
        return ProposedAction.objects.get(run_id=run.pk, step=step, **conditions)

    def decide(
        self, proposal: ProposedAction, verdict: str = "approve", *, digest: str = "", reason: str = "not now"
    ) -> services.DecisionResult:
        """Decide as mike on what is shown; nothing else happens in this process."""
        return services.decide(
            proposal.pk,
            Verdict(verdict),
            user=self.mike,
            channel="test",
            digest=digest or proposal.digest,
            reason=reason,
        )

    def edit(self, proposal: ProposedAction, item: str, field: str, value: Any) -> services.DecisionResult:
        """Edit one field as mike."""
        edits = [{"item": item, "field": field, "value": value}]
        return services.edit(proposal.pk, edits, user=self.mike, channel="test", digest=proposal.digest)

    def approve(self, proposal: ProposedAction) -> services.DecisionResult:
        """Approve, and let workers do what follows."""
        result = self.decide(proposal)
        self.work()
        return result

    def through_the_gate(self, workflow_type: str, inputs: dict[str, Any] | None = None) -> WorkflowRun:
        """A run that was started, approved and worked on until it waits or ends."""
        run = self.start(workflow_type, inputs)
        result = self.approve(self.gate(run))
        assert result.outcome == "approved", result.message
        run.refresh_from_db()
        return run

    def work(self, now: datetime | None = None) -> int:
        """Let workers do everything that is ready; how many things."""
        total = 0
        while done := work(now):
            total += done
        return total

    def deliver(self) -> None:
        """Send the letters that wait."""
        deliver_emails()


def status(run: WorkflowRun) -> str:
    """The run's status in the database."""
    run.refresh_from_db()
    return run.status


def steps(run: WorkflowRun) -> dict[str, str]:
    """The status of each step, `step item` for those with items."""
    return {f"{step.step} {step.item}".strip(): step.status for step in run.steps.all()}


def checks(run: WorkflowRun) -> dict[str, bool]:
    """Which preconditions passed."""
    return {check["check"]: check["passed"] for check in parse(run.checks)}


def failed_checks(run: WorkflowRun) -> list[str]:
    """The preconditions that did not pass."""
    return [name for name, passed in checks(run).items() if not passed]


def planned(run: WorkflowRun, step: str) -> list[dict[str, Any]]:
    """The planned effects of a step, all items together."""
    run.refresh_from_db()
    return [effect for item in parse(run.plan) if item["step"] == step for effect in item["effects"]]


def skipped(run: WorkflowRun, step: str) -> str:
    """Why the plan does nothing for a step; empty when it does."""
    run.refresh_from_db()
    reasons: Sequence[str] = [item["skipped"] for item in parse(run.plan) if item["step"] == step]
    return "; ".join(filter(None, reasons))


def release_text(text: str, *, at: datetime = LONG_AGO) -> WorkflowContract:
    """Release a contract that a test has written down; active since `at`."""
    head = yaml.safe_load(text)
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{head['workflow_type']}.v{head['contract_version']}.yaml")
        path.write_text(text, encoding="utf-8")
        release([load_file(path, catalog(), shown_as=path.name)], at)
    return WorkflowContract.objects.get(workflow_type=head["workflow_type"], active=True)
