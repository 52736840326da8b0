"""Push anyway: what NetSuite changed since a plan is overwritten only by a new proposal, which says what is lost."""

from approvals.canonical import parse, to_json
from approvals.clock import database_now
from approvals.models import ProposedAction
from workflows_app.effects import proposals
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import NetsuitePush, ProposalStage
from workflows_app.effects.identity import derive_id
from workflows_app.models import PendingPush, WorkflowRun
from workflows_app.netsuite.client import NetSuite, Record
from workflows_app.netsuite.comparison import differences
from workflows_app.netsuite.mirrors import mirror_row, ns_id_of
from workflows_app.netsuite.moments import last_modified
from workflows_app.netsuite.payloads import wire

ACTION_TYPE = "netsuite_push_anyway"
_EXPIRES_SECONDS = 7 * 86400


class NoConflictError(Exception):
    """Only what was changed in NetSuite since the plan is proposed anew."""


def propose_again(push: PendingPush, netsuite: NetSuite, by: str) -> str:
    """Stage the proposal for the principal `by`; its id, or that of the one that waits already.

    Raises `NoConflictError` and the errors of the client: NetSuite is asked what would be overwritten.
    """
    if push.status != "conflict":
        raise NoConflictError("NetSuite has not changed this record since the plan: there is nothing to propose anew.")
    earlier = ProposedAction.objects.filter(run_id=push.run_id, action_type=ACTION_TYPE, item=push.pk)
    waiting = earlier.filter(status="pending").first()
    if waiting is not None:
        return str(waiting.pk)
    revision = earlier.count() + 1
    proposal = _proposal(push, _found(push, netsuite), revision)
    proposals.stage([proposal], _context(push, revision, by))
    return proposal["id"]


def _found(push: PendingPush, netsuite: NetSuite) -> Record:
    row = mirror_row(push.record_type, push.external_id)
    ref = row.ns_id if row is not None and row.ns_id else f"eid:{push.external_id}"
    return netsuite.get(push.record_type, ref, expand=True)


def _proposal(push: PendingPush, found: Record, revision: int) -> ProposalStage:
    lost = differences(wire(parse(push.payload), ns_id_of), found)
    words = "; ".join(lost) or "nothing that we push"
    return proposals.of_our_own(
        id=derive_id("pro", push.pk, ACTION_TYPE, str(revision)),
        action_type=ACTION_TYPE,
        entity=(push.record_type, push.external_id),
        title=f"Push {push.record_type} {push.external_id} anyway",
        summary=f"It was changed in NetSuite since the plan. Approving overwrites: {words}.",
        payload={"push": push.pk},
        expires_seconds=_EXPIRES_SECONDS,
        on_approve=[_effect(push, found, revision)],
    )


def _effect(push: PendingPush, found: Record, revision: int) -> NetsuitePush:
    """The same record once more; what NetSuite has now is known, and what changes after this is a conflict again."""
    return {
        "kind": "netsuite.push",
        "id": derive_id("psh", push.pk, ACTION_TYPE, str(revision)),
        "external_id": push.external_id,
        "record_type": push.record_type,
        "queue": push.queue,
        "on_failure": push.on_failure,
        "expected_modified": to_json(last_modified(found)),
        "record": parse(push.payload),
    }


def _context(push: PendingPush, revision: int, by: str) -> ApplyContext:
    run = WorkflowRun.objects.select_related("contract").get(pk=push.run_id)
    return ApplyContext(
        run_id=run.pk,
        workflow_type=run.workflow_type,
        contract_version=run.contract.contract_version,
        step=f"again:{push.step}"[:80],
        item=push.pk,
        inputs={},
        plan_revision=revision,
        proposed_by=by,
        now=database_now(),
        causes=(*parse(run.trigger)["causes"], run.workflow_type),
    )
