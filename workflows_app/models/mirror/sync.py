"""What was read from NetSuite, and when."""

from django.db import models


class SyncLog(models.Model):
    """One pass of one kind of sync."""

    sync_type = models.CharField(max_length=60)
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=16)
    window_from = models.DateTimeField(null=True, blank=True)
    window_to = models.DateTimeField(null=True, blank=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_upserted = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "sync_log"
        indexes = [models.Index(fields=["sync_type", "completed_at"], name="sync_by_type")]

    def __str__(self) -> str:
        return f"{self.sync_type} {self.started_at:%Y-%m-%d %H:%M}"
