"""The step records of a run while it fans out: loaded once, written together."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from approvals.canonical import canonical, parse
from workflows_app.effects.data import Plan
from workflows_app.effects.difference import Place
from workflows_app.models import WorkflowRun, WorkflowStep

OPEN = frozenset({"pending", "running", "retrying"})
_COLUMNS = ["status", "attempts", "next_attempt_at", "error", "output", "finished_at"]


class Progress:
    """Step records by place, in the plan's order."""

    def __init__(self, run: WorkflowRun, records: Iterable[WorkflowStep], *, stored: bool) -> None:
        self.run = run
        self.records: dict[Place, WorkflowStep] = {(record.step, record.item): record for record in records}
        self._stored = stored
        self._touched: set[Place] = set()

    @classmethod
    def load(cls, run: WorkflowRun) -> "Progress":
        """What is recorded so far; empty before the first step."""
        return cls(run, WorkflowStep.objects.filter(run=run).order_by("position"), stored=True)

    @classmethod
    def begin(cls, run: WorkflowRun, plan: Plan, dropped: dict[Place, str]) -> "Progress":
        """New records for a plan and for what was dropped from it."""
        records = [
            WorkflowStep(
                run=run,
                position=position,
                step=item["step"],
                item=item["item"],
                kind=item["kind"],
                status="skipped" if item["skipped"] else "pending",
                error=item["skipped"],
                output=canonical(item["reused"]["output"]) if "reused" in item else "{}",
            )
            for position, item in enumerate(plan)
        ]
        present = {(record.step, record.item): record for record in records}
        for place, reason in dropped.items():
            record = present.get(place) or WorkflowStep(run=run, position=len(records), step=place[0], item=place[1])
            record.status, record.error = "dropped", reason
            present[place] = record
        return cls(run, present.values(), stored=False)

    def touch(self, record: WorkflowStep) -> None:
        """Remember to write this record."""
        self._touched.add((record.step, record.item))

    def finish(self, record: WorkflowStep, status: str, now: datetime, *, error: str = "", output: Any = None) -> None:
        """Settle a record."""
        record.status, record.error, record.next_attempt_at = status, error, None
        record.finished_at = now
        if output is not None:
            record.output = canonical(output)
        self.touch(record)

    def stop(self, reason: str, now: datetime) -> None:
        """Settle and write what is still open: under way or tried before is failed, the rest was not reached."""
        for record in self.records.values():
            if record.status in OPEN:
                reached = record.status != "pending"
                self.finish(record, "failed" if reached else "not_reached", now, error=record.error or reason)
        self.save()

    def any_done(self) -> bool:
        """Whether any effect was applied."""
        return any(record.status == "done" for record in self.records.values())

    def of_step(self, step: str) -> list[WorkflowStep]:
        """The records of one step."""
        return [record for record in self.records.values() if record.step == step]

    def outputs(self) -> dict[str, Any]:
        """What finished steps produced, by step."""
        return {record.step: parse(record.output) for record in self.records.values() if record.output != "{}"}

    def save(self) -> None:
        """Write what is new or touched with one statement each."""
        if not self._stored:
            WorkflowStep.objects.bulk_create(self.records.values())
            self._stored = True
        elif self._touched:
            WorkflowStep.objects.bulk_update([self.records[place] for place in self._touched], _COLUMNS)
        self._touched.clear()
