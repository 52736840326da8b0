"""Runs, their steps, and the memory of them. `runner/transitions.py` alone writes a run's status."""

from django.db import models
from django.db.models import Q

from workflows_app.models.contract import WorkflowContract


class RunStatus(models.TextChoices):
    """Where a run is. The last six never change again."""

    QUEUED = "queued"
    RUNNING = "running"
    AWAITING_APPROVAL = "awaiting_approval"
    RETRYING = "retrying"
    HELD = "held"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


TERMINAL = frozenset({"blocked", "completed", "partial", "failed", "rejected", "expired", "cancelled"})
READY = frozenset({"queued", "running", "retrying"})


class WorkflowRun(models.Model):
    """One execution of one contract version. Everything it read and planned is kept as canonical text."""

    id = models.CharField(primary_key=True, max_length=64)
    contract = models.ForeignKey(WorkflowContract, on_delete=models.PROTECT, related_name="runs")
    workflow_type = models.CharField(max_length=80)
    status = models.CharField(max_length=20, choices=RunStatus, default=RunStatus.QUEUED)
    phase = models.CharField(max_length=16, default="start", help_text="The phase to do next.")
    trigger_kind = models.CharField(max_length=16)
    trigger_key = models.CharField(max_length=200, unique=True, help_text="A known key returns the existing run.")
    trigger = models.TextField(default="{}", help_text="Canonical text: source, principal, causes.")
    inputs = models.TextField(default="{}")
    context = models.TextField(default="{}", help_text="Frozen evidence; not part of the digest.")
    checks = models.TextField(default="[]")
    plan = models.TextField(default="[]")
    digest = models.CharField(max_length=64, blank=True)
    plan_revision = models.PositiveIntegerField(default=1)
    edits = models.TextField(default="[]")
    proposal_id = models.CharField(max_length=80, blank=True, help_text="The gate that holds or released it.")
    error = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True, help_text="Not before this moment.")
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    crashes = models.PositiveIntegerField(default=0, help_text="Workers in a row that died with it.")
    drafts_wished_at = models.DateTimeField(
        null=True, blank=True, help_text="Drafts are to be approved with its gate, and that is not done yet."
    )

    class Meta:
        db_table = "workflow_runs"
        verbose_name = "run"
        ordering = ["-queued_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RunStatus.values), name="run_status_known"),
        ]
        indexes = [
            # the worker's and the sweeper's search for runs that can go on.
            models.Index(fields=["wake_at"], condition=Q(status__in=sorted(READY)), name="run_ready"),
            # the lists in the admin.
            models.Index(fields=["-queued_at", "id"], name="run_newest"),
            models.Index(fields=["workflow_type", "queued_at"], name="run_by_type"),
            models.Index(fields=["status", "queued_at"], name="run_by_status"),
            # the sweeper's search for drafts that were to be approved with a gate when a worker died.
            models.Index(
                fields=["drafts_wished_at"], condition=Q(drafts_wished_at__isnull=False), name="run_drafts_wished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_type} {self.id}"


class StepStatus(models.TextChoices):
    """Where a step (or one item of it) is."""

    PENDING = "pending"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    SKIPPED = "skipped"
    DROPPED = "dropped"  # an item that vanished or changed between approval and applying
    NOT_REACHED = "not_reached"
    FAILED = "failed"


class WorkflowStep(models.Model):
    """One step of a run, or one item of a step that loops."""

    run = models.ForeignKey(WorkflowRun, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField()
    step = models.CharField(max_length=80)
    item = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40)
    status = models.CharField(max_length=16, choices=StepStatus, default=StepStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    output = models.TextField(default="{}", help_text="Canonical text: artifacts and ids that later steps use.")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "workflow_steps"
        verbose_name = "step"
        ordering = ["run", "position", "item"]
        constraints = [
            models.UniqueConstraint(fields=["run", "step", "item"], name="step_once_per_run"),
            models.CheckConstraint(condition=Q(status__in=StepStatus.values), name="step_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.step} {self.item}"


class RunHistory(models.Model):
    """Every change of a run's status, in order."""

    run = models.ForeignKey(WorkflowRun, on_delete=models.PROTECT, related_name="history")
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(max_length=20)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "workflow_run_history"
        ordering = ["run", "id"]

    def __str__(self) -> str:
        return f"{self.from_status} → {self.to_status}"


class RunLog(models.Model):
    """The summary of a finished run (post action `log_run`)."""

    run = models.OneToOneField(WorkflowRun, on_delete=models.PROTECT, primary_key=True, related_name="log")
    workflow_type = models.CharField(max_length=80)
    status = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField()
    summary_json = models.TextField()

    class Meta:
        db_table = "workflow_run_log"
        verbose_name = "run log"
        indexes = [
            models.Index(fields=["workflow_type", "completed_at"], name="run_log_by_type"),
            # the list in the admin.
            models.Index(fields=["-completed_at", "run"], name="run_log_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_type} {self.status}"


class ReflexionLog(models.Model):
    """The written memory of a run (post action `reflexion`)."""

    run = models.OneToOneField(WorkflowRun, on_delete=models.PROTECT, primary_key=True, related_name="reflexion")
    narrative = models.TextField()
    tags = models.CharField(max_length=500, help_text="quote,customer:42,school_year:2026-27")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "reflexion_log"
        verbose_name = "reflexion"
        ordering = ["-created_at"]
        indexes = [
            # the list in the admin, and the search.
            models.Index(fields=["-created_at", "run"], name="reflexion_newest"),
        ]

    def __str__(self) -> str:
        return self.tags
