"""`ns_push`: a record for NetSuite, by way of the push queue."""

from collections.abc import Sequence

from workflows_app.contracts.schema import Push, Step
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, StepKind
from workflows_app.steps.pushes import push_effect


class NsPush(Step, Push):
    """The record, its queue and what a failure leads to. `payload` is the seeds' label for what the record holds."""

    payload: str | None = None


class NsPushKind(StepKind[NsPush]):
    """Stages the push as `pending`; it becomes `applied` only after NetSuite confirmed it."""

    name = "ns_push"
    options = NsPush

    def plan(self, step: NsPush, env: PlanEnv) -> list[Effect]:
        """One push."""
        return [push_effect(step, env)]

    def describe(self, step: NsPush) -> Sequence[Change]:
        """The seeds' row: system NetSuite, the record type, push."""
        return [Change(system=f"NetSuite (via {step.queue})", resource=step.record_type, action="push")]
