"""Verify checks of finished runs, waiting for their moment or decided."""

from django.db import models
from django.db.models import Q

from workflows_app.models.run import WorkflowRun


class VerifyResult(models.Model):
    """One verify check of one run, with its parameters resolved when it was staged."""

    run = models.ForeignKey(WorkflowRun, on_delete=models.PROTECT, related_name="verify_results")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    status = models.CharField(max_length=16, default="pending")
    spec = models.TextField(help_text="Canonical text: query or key, resolved parameters, expectation.")
    after_step = models.CharField(max_length=80, blank=True, help_text="Its window counts from that step's decision.")
    window_seconds = models.PositiveIntegerField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="Empty while it waits for a decision.")
    give_up_at = models.DateTimeField(null=True, blank=True)
    detail = models.TextField(blank=True, help_text="What was found, in words.")
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    executed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "workflow_verify_results"
        verbose_name = "verify result"
        ordering = ["run", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="verify_once_per_run"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "pass", "fail", "timeout", "not_applicable"]),
                name="verify_status_known",
            ),
        ]
        indexes = [
            # the verify scheduler: due checks first.
            models.Index(fields=["due_at"], condition=Q(status="pending"), name="verify_due"),
            # the front page: what failed, among all that passed. SQLite finds it by this very OR.
            models.Index(fields=["status"], condition=Q(status="fail") | Q(status="timeout"), name="verify_bad"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.name}"
