"""A run as data, for `show_run --json` and the demo (DESIGN.md section 13)."""

from typing import Any, Final

from approvals.canonical import parse, to_json
from approvals.models import ProposedAction
from workflows_app.contracts.values import thaw
from workflows_app.models import Event, WorkflowRun
from workflows_app.runner import verify

PROPOSAL_FIELDS: Final = (
    "id", "run_id", "action_type", "entity_type", "entity_ref", "status", "digest", "expires_at", "summary",
)  # fmt: skip


def proposals_data(status: str | None = None, limit: int | None = None) -> list[dict[str, Any]]:
    """Proposals, the newest first; only those of a status, at most `limit`."""
    proposals = ProposedAction.objects.all() if status is None else ProposedAction.objects.filter(status=status)
    return list(proposals.values(*PROPOSAL_FIELDS)[:limit])


def run_data(run: WorkflowRun) -> dict[str, Any]:
    """Everything that is known of a run, in the order of its phases."""
    log = getattr(run, "log", None)
    return {
        "run_id": run.pk,
        "workflow_type": run.workflow_type,
        "contract_version": run.contract.contract_version,
        "status": run.status,
        "trigger": {"kind": run.trigger_kind, "key": run.trigger_key, **parse(run.trigger)},
        "inputs": _plain(run.inputs),
        "context": _plain(run.context),
        "preconditions": [{**check, "result": "pass" if check["passed"] else "fail"} for check in parse(run.checks)],
        "plan": [
            {"step": item["step"], "item": item["item"], "skipped": item["skipped"], "effects": item["effects"]}
            for item in parse(run.plan)
        ],
        "steps": [
            {
                "name": step.step,
                "item": step.item,
                "kind": step.kind,
                "status": step.status,
                "attempts": step.attempts,
                "error": step.error,
            }
            for step in run.steps.order_by("position", "item")
        ],
        "proposals": list(
            ProposedAction.objects.filter(run_id=run.pk)
            .order_by("proposed_at", "id")
            .values("id", "action_type", "status", "digest")
        ),
        "verify": [verify.as_data(result) for result in run.verify_results.order_by("id")],
        "events": list(
            Event.objects.filter(run_id=run.pk).order_by("recorded_at", "pk").values_list("event_type", flat=True)
        ),
        "log": None if log is None else {"status": log.status, **parse(log.summary_json)},
    }


def _plain(frozen: str) -> Any:
    """Frozen values without their type tags."""
    return to_json(thaw(parse(frozen)))
