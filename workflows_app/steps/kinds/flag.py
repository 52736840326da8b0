"""`flag`: marks an element for a person by staging a proposal about it."""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from workflows_app.contracts.expressions import is_true
from workflows_app.contracts.operations import ProposalBody
from workflows_app.contracts.schema import Expression, Step, Strict
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, StepKind, StepSkippedError
from workflows_app.steps.operations import describe_operations, plan_operations
from workflows_app.steps.proposals import stage_effect

_ACTION = re.compile(r"stage ([a-z][a-z0-9_]{0,79})(?: with ([a-z][a-z0-9_]*)=([a-z][a-z0-9_]*))?")


class SkipRule(Strict):
    """A reason not to flag an element, shown on the card."""

    rule: Expression
    reason: str


class Flag(Step, ProposalBody):
    """`action` names the proposal: `stage <action_type> with <field>=<value>`; the field goes into its payload."""

    action: Annotated[str, StringConstraints(pattern=f"^{_ACTION.pattern}$")]
    skip_when: tuple[SkipRule, ...] = ()

    @property
    def action_type(self) -> str:
        """The action type of the proposal."""
        return self._named()[0]

    @property
    def detail(self) -> dict[str, str]:
        """The field that `action` adds to the payload."""
        _, name, value = self._named()
        return {name: value} if name else {}

    def _named(self) -> tuple[str, str, str]:
        match = _ACTION.fullmatch(self.action)
        return (match[1], match[2] or "", match[3] or "") if match else ("", "", "")


class FlagKind(StepKind[Flag]):
    """Stages one proposal for each element whose `if` is TRUE."""

    name = "flag"
    options = Flag

    def plan(self, step: Flag, env: PlanEnv) -> list[Effect]:
        """One proposal, unless a `skip_when` rule is TRUE."""
        for skip in step.skip_when:
            if is_true(skip.rule, env.scope):
                raise StepSkippedError(skip.reason)
        frozen = plan_operations(step.on_approve, env)
        return [stage_effect(step, step.action_type, env, frozen, payload=step.detail)]

    def describe(self, step: Flag) -> Sequence[Change]:
        """The proposal, and what its approval would change."""
        what = f"INSERT (action_type={step.action_type}, entity_type={step.entity_type})"
        staged = Change(system="D1", resource="proposed_actions", action=what)
        return [staged, *describe_operations(step.on_approve, " (when approved)")]
