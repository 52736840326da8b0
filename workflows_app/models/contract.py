"""Released contract versions."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from workflows_app.models.ahead import AHEAD


class WorkflowContract(models.Model):
    """One version of one contract: its YAML text as released. Never changes; runs point at their version."""

    workflow_type = models.CharField(max_length=80)
    contract_version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=80, blank=True)
    risk_level = models.PositiveSmallIntegerField()
    source = models.TextField(help_text="The YAML file, letter for letter.")
    sha256 = models.CharField(max_length=64)
    active = models.BooleanField(default=False, help_text="The version that new runs use.")
    paused = models.BooleanField(default=False, help_text="Schedules and events start nothing while paused.")
    loaded_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True, help_text="Events recorded earlier start nothing.")

    class Meta:
        db_table = "workflow_contracts"
        verbose_name = "contract"
        ordering = ["workflow_type", "-contract_version"]
        constraints = [
            models.UniqueConstraint(fields=["workflow_type", "contract_version"], name="contract_version_once"),
            models.UniqueConstraint(fields=["workflow_type"], condition=Q(active=True), name="contract_one_active"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_type} v{self.contract_version}"

    def active_since(self, now: datetime) -> datetime:
        """When it became active; five minutes ago, when a clock that was ahead wrote that down."""
        since = self.activated_at or self.loaded_at
        return since if since <= now + AHEAD else now - AHEAD


class ContractPause(models.Model):
    """Who paused a workflow or let it go on, when and why. Never changes."""

    workflow_type = models.CharField(max_length=80)
    paused = models.BooleanField(help_text="Paused by this entry; else it went on.")
    by = models.CharField(max_length=120)
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        db_table = "contract_pauses"
        ordering = ["-at", "-id"]
        indexes = [
            # the contract's page: its latest pauses.
            models.Index(fields=["workflow_type", "-at"], name="pause_by_contract"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_type} {'paused' if self.paused else 'went on'}"
