"""What was read from NetSuite, and when."""

from django.db import models
from django.db.models import Q


class SyncLog(models.Model):
    """One pass of one kind of sync, and where it stands while it runs.

    `window_to` is NetSuite's own time when the pass began: the cursor from which the next one of its kind goes on, once
    this one has completed. `stage` and `after` say what is committed: another pass can go on from there.
    """

    sync_type = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True, help_text="Empty unless it read everything.")
    status = models.CharField(max_length=16)
    window_from = models.DateTimeField(null=True, blank=True, help_text="Changes since then; empty: everything.")
    window_to = models.DateTimeField(null=True, blank=True, help_text="NetSuite's time when it began.")
    rows_read = models.PositiveIntegerField(default=0)
    rows_upserted = models.PositiveIntegerField(default=0, help_text="Rows that were new or really different.")
    rows_deleted = models.PositiveIntegerField(default=0, help_text="Rows whose record is gone in NetSuite.")
    pages = models.PositiveIntegerField(default=0)
    http_calls = models.PositiveIntegerField(default=0)
    retries_429 = models.PositiveIntegerField("busy answers", default=0)
    stage = models.CharField(max_length=60, blank=True, help_text="The part it reads.")
    after = models.CharField(max_length=80, blank=True, help_text="The last key of that part that is committed.")
    progress_at = models.DateTimeField(null=True, blank=True, help_text="When it last came on.")
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "sync_log"
        verbose_name = "sync pass"
        verbose_name_plural = "sync passes"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["running", "completed", "failed", "interrupted"]), name="sync_status_known"
            ),
            # two passes of one kind never run at once.
            models.UniqueConstraint(fields=["sync_type"], condition=Q(status="running"), name="sync_one_running"),
        ]
        indexes = [
            # how fresh a kind is.
            models.Index(fields=["sync_type", "completed_at"], name="sync_by_type"),
            # the last pass of a kind.
            models.Index(fields=["sync_type", "started_at"], name="sync_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.sync_type} {self.started_at:%Y-%m-%d %H:%M}"
