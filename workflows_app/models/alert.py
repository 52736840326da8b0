"""Things Mike must know that are not decisions."""

from django.db import models


class Alert(models.Model):
    """One open alert per key; repeating it raises `count`."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=60)
    message = models.TextField()
    run_id = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "alerts"
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return self.message
