"""The fan-out phase: exactly the approved plan, step by step, each item in a savepoint of its own.

Local effects of neighbouring items share the caller's transaction. A step that calls an endpoint ends the transaction:
its attempt is committed before the call, and its outcome in the next transaction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approvals.canonical import parse, to_json
from workflows_app.contracts.retry import next_delay
from workflows_app.contracts.schema import Contract, Step
from workflows_app.contracts.values import thaw
from workflows_app.effects.apply import apply_effects
from workflows_app.effects.context import ApplyContext, Authority
from workflows_app.effects.data import HttpRequest, PlannedItem
from workflows_app.effects.errors import EffectError
from workflows_app.effects.guard import guarded
from workflows_app.models import Alert, WorkflowRun, WorkflowStep
from workflows_app.runner.enqueue import ring
from workflows_app.runner.progress import OPEN, Progress


@dataclass(frozen=True, kw_only=True)
class PendingCall:
    """An `http.request` whose attempt is recorded and which must now be made outside any transaction."""

    step: str
    item: str
    request: HttpRequest


@dataclass(kw_only=True)
class FanOut:
    """One worker's pass over a run's plan. `proceed` is called in a transaction, again after each call."""

    run: WorkflowRun
    contract: Contract
    progress: Progress
    now: datetime
    rung: bool = False

    def proceed(self) -> PendingCall | None:
        """Apply what can be applied; the next call to make, or None when nothing more can be done now."""
        for step, item, record in self._open_items():
            blocked = self._unmet(step)
            if blocked == "failed":
                self.progress.finish(record, "not_reached", self.now, error="a step that it needs failed")
            elif blocked == "" and self._due(record):
                call = self._start(item, record)
                if call is not None:
                    self.progress.save()
                    return call
        self.progress.save()
        return None

    def absorb(self, call: PendingCall, output: dict[str, Any] | EffectError) -> None:
        """Record what a call came to."""
        record = self.progress.records[(call.step, call.item)]
        if isinstance(output, EffectError):
            self._failed(record, output)
        else:
            self.progress.finish(record, "done", self.now, output=output)

    def _open_items(self) -> Iterator[tuple[Step, PlannedItem, WorkflowStep]]:
        plan: list[PlannedItem] = parse(self.run.plan)
        for step in self.contract.ordered_steps:
            for item in plan:
                record = self.progress.records.get((item["step"], item["item"]))
                if item["step"] == step.name and record is not None and record.status in OPEN:
                    yield step, item, record

    def _unmet(self, step: Step) -> str:
        """`failed` or `open` when a step that this one needs is, else the empty text."""
        statuses = {record.status for name in step.needs for record in self.progress.of_step(name)}
        if statuses & {"failed", "not_reached"}:
            return "failed"
        return "open" if statuses & OPEN else ""

    def _due(self, record: WorkflowStep) -> bool:
        return record.next_attempt_at is None or record.next_attempt_at <= self.now

    def _start(self, item: PlannedItem, record: WorkflowStep) -> PendingCall | None:
        """Apply the item, or give the call to make: a call that outlived its worker is made again, whatever its policy.

        What kills every worker is stopped in `broken.give_up`.
        """
        record.attempts += 1
        self.progress.touch(record)
        for effect in item["effects"]:
            if effect["kind"] == "http.request":
                record.status = "running"
                return PendingCall(step=item["step"], item=item["item"], request=effect)
        self._apply(item, record)
        return None

    def _apply(self, item: PlannedItem, record: WorkflowStep) -> None:
        try:
            with guarded():
                apply_effects(item["effects"], self._context(record))
                self._ring_for_pushes(item)
        except EffectError as error:
            self._failed(record, error)
        else:
            self.progress.finish(record, "done", self.now)

    def _ring_for_pushes(self, item: PlannedItem) -> None:
        """One doorbell for all pushes of this pass; it rings when they are committed."""
        if not self.rung and any(effect["kind"] == "netsuite.push" for effect in item["effects"]):
            self.rung = True
            ring("deliver")

    def _failed(self, record: WorkflowStep, error: EffectError) -> None:
        place = f"{record.run_id}/{record.step}/{record.item}"
        delay = None if error.permanent else next_delay(self.contract.retry, record.attempts, place=place)
        if delay is not None:
            record.status, record.error, record.next_attempt_at = "retrying", error.message, self.now + delay
            self.progress.touch(record)
            return
        self.progress.finish(record, "failed", self.now, error=error.message)
        if self.contract.retry.alert_on_final_failure:
            Alert.objects.raise_alert(
                f"step:{place}",
                kind="step_failed",
                message=f"{self.run.workflow_type}: step {record.step} {record.item} failed: {error.message}",
                now=self.now,
                run_id=record.run_id,
            )

    def _context(self, record: WorkflowStep) -> ApplyContext:
        trigger = parse(self.run.trigger)
        return ApplyContext(
            run_id=self.run.pk,
            workflow_type=self.run.workflow_type,
            contract_version=self.contract.contract_version,
            step=record.step,
            item=record.item,
            inputs=to_json(thaw(parse(self.run.inputs))),
            plan_revision=self.run.plan_revision,
            proposed_by=trigger["principal"],
            now=self.now,
            authority=_authority(self.run),
            outputs=self.progress.outputs(),
            causes=(*trigger["causes"], self.run.workflow_type),
        )


def _authority(run: WorkflowRun) -> Authority | None:
    """The approved gate; a run without one can neither push nor send."""
    return Authority(proposal_id=run.proposal_id, digest=run.digest) if run.proposal_id else None
