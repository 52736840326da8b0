"""What approvals calls inside its transactions: gates hold and release runs, leaves apply their own effects."""

from collections.abc import Sequence
from dataclasses import replace

from approvals import hooks
from approvals.canonical import canonical, parse
from approvals.clock import database_now
from approvals.models import Decision, ProposalStatus, ProposedAction
from approvals.new_proposal import NewProposal
from workflows_app.contracts.schema import Contract
from workflows_app.effects.card import is_as_reviewed
from workflows_app.effects.difference import differences
from workflows_app.effects.errors import EffectError
from workflows_app.effects.events import record_event
from workflows_app.models import WorkflowRun
from workflows_app.models.lock import hold_still
from workflows_app.runner import (
    approve_too,
    interventions,
    leaf,
    post,
    recheck,
    successors,
    transitions,
    verify_staging,
)
from workflows_app.runner.enqueue import ring
from workflows_app.runner.hold import on_hold
from workflows_app.runner.plan import edit_effects
from workflows_app.runner.release import contract_if_it_loads
from workflows_app.runner.unedited import unedited
from workflows_app.steps.errors import PlanningError


class RunnerHooks:
    """The hooks of gates, leaves and interventions; a gate is a proposal without a step."""

    def before_approve(self, proposal: ProposedAction) -> hooks.Proceed | hooks.Stop:
        """Check again under the shared lock: an envelope by reading anew, a leaf by its recheck rules.

        An intervention takes its run instead. Raises `DecisionRefusedError` when that cannot be had.
        """
        if interventions.is_intervention(proposal):
            return hooks.Proceed(seen=interventions.take(proposal))
        hold_still()
        if proposal.step:
            reason = leaf.broken_rule(proposal, database_now())
            return hooks.Stop(status="closed", message=reason) if reason else hooks.Proceed()
        return self._recheck_gate(proposal)

    def decided(self, proposal: ProposedAction, decision: Decision, seen: object) -> None:
        """Carry the decision on, and record the event that a `hitl_approval` trigger listens to."""
        approved = decision.verdict == "approve"
        if approved and not is_as_reviewed(proposal):
            raise hooks.DecisionRefusedError("This card does not say what was proposed; run verify_decisions.")
        if approved and decision.edits != "[]" and (strange := approve_too.stranger(proposal, decision)):
            raise hooks.DecisionRefusedError(strange)
        if isinstance(seen, interventions.Taken):
            interventions.carry_out(proposal, decision, seen)
        elif proposal.step:
            self._leaf_decided(proposal, decision, approved)
            if not approved:
                return
        run = seen if isinstance(seen, WorkflowRun) else self._run(proposal)
        if not proposal.step:
            self._gate_decided(run, decision)
        if approved:
            self._record_approval(run, proposal, decision)
            ring("dispatch_events")

    def edited(self, proposal: ProposedAction, edits: Sequence[hooks.Edit]) -> NewProposal:
        """Plan the envelope anew with the edits, or change the editable fields of a leaf's letters."""
        hold_still()
        try:
            return self._edited_leaf(proposal, edits) if proposal.step else self._edited_gate(proposal, edits)
        except PlanningError as error:
            raise hooks.EditRefusedError(str(error)) from error

    def expired(self, proposal: ProposedAction) -> None:
        """An expired gate ends the run that waits at it; an expired leaf leaves its checks without a subject."""
        now = database_now()
        if proposal.step:
            verify_staging.ended(proposal, now)
            return
        run = self._run(proposal)
        if run.status == "awaiting_approval":
            post.conclude(run, contract_if_it_loads(run.contract), "expired", now=now, reason="nobody decided in time")

    def closed(self, proposal: ProposedAction) -> None:
        """A closed leaf leaves its checks without a subject; who closes a gate ends the run as well."""
        if proposal.step:
            verify_staging.ended(proposal, database_now())

    def again(self, proposal: ProposedAction, by: str) -> NewProposal:
        """A leaf that only expired comes back as it was, while its rules hold; any other is planned anew.

        A gate is not proposed again: its run has ended, start a new one.
        """
        if not proposal.step:
            raise hooks.DecisionRefusedError("This held a run that has ended; start the workflow again instead.")
        hold_still()
        now = database_now()
        if proposal.status == ProposalStatus.EXPIRED and not leaf.broken_rule(proposal, now):
            return successors.copy(proposal, proposal.effects, [])
        return successors.planned_anew(proposal, by, now)

    def _run(self, proposal: ProposedAction) -> WorkflowRun:
        return WorkflowRun.objects.select_related("contract").get(pk=proposal.run_id)

    def _recheck_gate(self, proposal: ProposedAction) -> hooks.Proceed | hooks.Stop:
        run, now = self._run(proposal), database_now()
        contract = _contract(run)
        found = recheck.recheck(run, contract, now)
        if found.blocked:
            return hooks.Stop(status="closed", message=recheck.block(run, contract, found, now))
        if found.changed:
            reason = "what this card shows has changed since; look at the new one"
            new = recheck.renew_card(run, contract, found, now, reason)
            return hooks.Stop(status="superseded", message=f"Not applied: {reason}.", replacement=new)
        return hooks.Proceed(seen=run)

    def _gate_decided(self, run: WorkflowRun, decision: Decision) -> None:
        now = decision.decided_at
        if decision.verdict == "approve":
            reason = f"approved by {decision.principal}"
            transitions.change(run, "running", now=now, reason=reason, phase="fan_out", **approve_too.wish(decision))
            ring("advance", run.pk)
            return
        reason = f"rejected by {decision.principal}: {decision.reason}"
        post.conclude(run, contract_if_it_loads(run.contract), "rejected", now=now, reason=reason)

    def _leaf_decided(self, proposal: ProposedAction, decision: Decision, approved: bool) -> None:
        now = decision.decided_at
        if approved and not on_hold():
            try:
                leaf.apply_leaf(proposal, now)
            except EffectError as error:
                if error.permanent:
                    raise hooks.WorldChangedError(error.message) from error
                raise hooks.DecisionRefusedError(hooks.BUSY) from error
            ring("deliver")
        if not approved:
            verify_staging.ended(proposal, now)

    def _record_approval(self, run: WorkflowRun, proposal: ProposedAction, decision: Decision) -> None:
        record_event(
            "proposed_action.approved",
            f"proposal:{proposal.pk}:approved",
            {
                "proposal_id": proposal.pk,
                "action_type": proposal.action_type,
                "run_id": proposal.run_id,
                "payload": parse(proposal.payload),
            },
            now=decision.decided_at,
            run_id=proposal.run_id,
            causes=(*parse(run.trigger)["causes"], run.workflow_type),
        )

    def _edited_gate(self, proposal: ProposedAction, edits: Sequence[hooks.Edit]) -> NewProposal:
        run, now = self._run(proposal), database_now()
        before = parse(run.plan)
        for item in before:
            edit_effects(item["effects"], edits)  # what could not be sent is refused in its own words
        run.edits = canonical(list(edits))
        contract = _contract(run)
        try:
            found = recheck.recheck(run, contract, now)
        except ValueError as error:
            raise hooks.EditRefusedError(str(error)) from error
        if found.blocked or found.reading is None:
            raise hooks.EditRefusedError(found.blocked)
        fresh = {(item["step"], item["item"]): item for item in found.reading.plan}
        changed = [change for item in before for change in differences(item, fresh.get((item["step"], item["item"])))]
        if not changed:
            raise hooks.EditRefusedError("That changes nothing: no such field can be edited here.")
        return recheck.renew_card(run, contract, replace(found, changed=tuple(changed)), now, "edited")

    def _edited_leaf(self, proposal: ProposedAction, edits: Sequence[hooks.Edit]) -> NewProposal:
        text, first = parse(proposal.effects), parse(unedited(proposal).effects)
        edited = {**text, "on_approve": edit_effects(first["on_approve"], edits)}
        changed = successors.changes(proposal, text["on_approve"], edited["on_approve"])
        if not changed:
            raise hooks.EditRefusedError("That changes nothing: no such field can be edited here.")
        return successors.copy(proposal, canonical(edited), changed)


def _contract(run: WorkflowRun) -> Contract:
    """The contract to plan by. Raises `DecisionRefusedError` when it does not load any more."""
    contract = contract_if_it_loads(run.contract)
    if contract is None:
        raise hooks.DecisionRefusedError("The contract of this run does not load any more; only a no is possible.")
    return contract
