"""The scan finds what was planted; mike approves the remedies."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum

from approvals.clock import database_now
from approvals.models import ProposedAction
from workflows_app.management.demo.outcome import Outcome, fact
from workflows_app.management.demo.world import World
from workflows_app.models import AnomalyInvestigation, ProposedPricing, WeeklyAnomaly, WorkflowContract, WorkflowRun
from workflows_app.triggers import cron

_HOUR = timedelta(hours=1)


class AnomalyRemediation:
    """The workflow `anomaly_remediation`."""

    workflow_type = "anomaly_remediation"

    def play(self, world: World) -> Sequence[WorkflowRun]:
        """One of :22, :37 and :52 comes, the scan runs without a gate, mike approves the response."""
        WorkflowContract.objects.filter(workflow_type=self.workflow_type).update(activated_at=database_now() - _HOUR)
        cron.start_due(database_now())
        world.work()
        run = WorkflowRun.objects.filter(workflow_type=self.workflow_type).latest("queued_at")
        world.approve_all(run.pk)
        return [run]

    def outcomes(self, world: World, run: WorkflowRun) -> list[Outcome]:
        """Every planted anomaly investigated and counted, every price that restores the floor proposed."""
        planted = _planted()
        prices = sum(answer["numbers"].get("remedy_price") is not None for answer in planted)
        found = AnomalyInvestigation.objects.filter(created_at__gte=run.queued_at)
        approved = ProposedAction.objects.filter(run_id=run.pk, action_type="anomaly_response", status="approved")
        proposed = ProposedPricing.objects.filter(status="open", effective_from__gte=run.queued_at.date())
        counted = WeeklyAnomaly.objects.filter(last_seen_at__gte=run.queued_at)
        return [
            fact("propose_remediation", "responses approved", 1, approved.count),
            fact("propose_remediation", "new prices proposed", prices, proposed.count),
            fact("propose_remediation", "in progress", len(planted), found.filter(status="in_progress").count),
            fact("surface_dashboard", "planted anomalies found", len(planted), lambda: _matching(planted)),
            fact("surface_dashboard", "investigations", len(planted), found.count),
            fact("surface_dashboard", "counted by week", len(planted), lambda: _counted(counted)),
        ]


def _planted() -> list[dict[str, Any]]:
    answers = json.loads((settings.BASE_DIR / "fixtures/demo/known_answers.json").read_text(encoding="utf-8"))
    planted: list[dict[str, Any]] = answers["anomalies"]
    return planted


def _matching(planted: list[dict[str, Any]]) -> int:
    known = {(answer["kind"], answer["entity_id"]) for answer in planted}
    return len(known & set(AnomalyInvestigation.objects.values_list("kind", "entity_id")))


def _counted(counted: Any) -> int:
    return int(counted.aggregate(total=Sum("total_count"))["total"] or 0)
