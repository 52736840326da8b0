"""The event ledger and the cron occurrences: what may start runs."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from workflows_app.models.ahead import AHEAD
from workflows_app.models.fields import text_id


class Event(models.Model):
    """Something that happened, once per idempotency key. Persisted before it is matched with any contract."""

    id = text_id()
    event_type = models.CharField(max_length=120)
    idempotency_key = models.CharField(max_length=200, unique=True)
    payload = models.TextField(default="{}")
    causes = models.TextField(default="[]", help_text="Canonical text: workflow types and run ids that led here.")
    run_id = models.CharField(max_length=64, blank=True, help_text="The run that recorded it, if one did.")
    recorded_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "event_ledger"
        ordering = ["-recorded_at", "id"]
        indexes = [
            # dispatch: what was not matched with contracts yet.
            models.Index(fields=["recorded_at"], condition=Q(dispatched_at__isnull=True), name="event_undispatched"),
            models.Index(fields=["run_id"], name="event_by_run"),
            # the list in the admin.
            models.Index(fields=["-recorded_at", "id"], name="event_newest"),
        ]

    def __str__(self) -> str:
        return self.event_type


class CronOccurrenceQuerySet(models.QuerySet["CronOccurrence"]):
    """The ledger of due moments."""

    def reached(self, now: datetime) -> "CronOccurrenceQuerySet":
        """What was dealt with up to `now`; not what a clock that was ahead made of the moments to come."""
        return self.filter(scheduled_for__lte=now).exclude(status="missed", created_at__gt=now + AHEAD)

    def unreal(self, now: datetime) -> "CronOccurrenceQuerySet":
        """What a clock that was ahead recorded as missed and has come due since."""
        return self.filter(scheduled_for__lte=now, status="missed", created_at__gt=now + AHEAD)

    def newest(self, workflow_type: str, now: datetime) -> datetime | None:
        """The last due moment of a contract that was dealt with until `now`; nothing when none was."""
        return (
            self.reached(now)
            .filter(workflow_type=workflow_type)
            .order_by("-scheduled_for")
            .values_list("scheduled_for", flat=True)
            .first()
        )


class CronOccurrence(models.Model):
    """One due moment of one contract's cron: it starts one run, or is recorded as missed."""

    workflow_type = models.CharField(max_length=80)
    scheduled_for = models.DateTimeField()
    status = models.CharField(max_length=16)
    run_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    objects = CronOccurrenceQuerySet.as_manager()

    class Meta:
        db_table = "cron_occurrences"
        ordering = ["-scheduled_for"]
        constraints = [
            models.UniqueConstraint(fields=["workflow_type", "scheduled_for"], name="occurrence_once"),
            models.CheckConstraint(condition=Q(status__in=["started", "missed"]), name="occurrence_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.workflow_type} {self.scheduled_for:%Y-%m-%d %H:%M}"
