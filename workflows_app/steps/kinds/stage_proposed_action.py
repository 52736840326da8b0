"""`stage_proposed_action`: a proposal whose effects the contract spells out."""

from collections.abc import Sequence

from workflows_app.contracts.schema import Proposal, Step
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, StepKind
from workflows_app.steps.operations import describe_operations, plan_proposal


class StageProposedAction(Step, Proposal):
    """The fields of a proposal, inline."""


class StageProposedActionKind(StepKind[StageProposedAction]):
    """Stages the proposal with its `on_approve` effects frozen."""

    name = "stage_proposed_action"
    options = StageProposedAction

    def plan(self, step: StageProposedAction, env: PlanEnv) -> list[Effect]:
        """One proposal."""
        return [plan_proposal(step, env)]

    def describe(self, step: StageProposedAction) -> Sequence[Change]:
        """The seeds' row, and what its approval would change."""
        what = f"INSERT (action_type={step.action_type}, entity_type={step.entity_type})"
        staged = Change(system="D1", resource="proposed_actions", action=what)
        return [staged, *describe_operations(step.on_approve, " (when approved)")]
