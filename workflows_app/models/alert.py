"""Things Mike must know that are not decisions."""

from datetime import datetime

from django.db import models
from django.db.models import Case, F, Q, When


class AlertQuerySet(models.QuerySet["Alert"]):
    """Raising an alert is one call, whoever raises it."""

    def raise_alert(self, key: str, *, kind: str, message: str, now: datetime, run_id: str = "") -> None:
        """Open an alert, or count one more of an open one; a resolved one opens again, and is mailed again."""
        seen = self.filter(key=key).update(
            message=message,
            count=F("count") + 1,
            last_seen_at=now,
            mailed_at=Case(When(resolved_at=None, then=F("mailed_at"))),
            resolved_at=None,
            resolved_by="",
        )
        if not seen:
            alert = Alert(key=key, kind=kind, message=message, run_id=run_id, created_at=now, last_seen_at=now)
            self.bulk_create([alert], ignore_conflicts=True)

    def open(self) -> "AlertQuerySet":
        """What nobody has resolved."""
        return self.filter(resolved_at__isnull=True)

    def resolve(self, now: datetime, *, by: str) -> int:
        """Close these; how many were open. `by`: a principal such as `person:mike`."""
        return self.open().update(resolved_at=now, resolved_by=by)


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
    resolved_by = models.CharField(max_length=120, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="When an email last named it.")

    objects = AlertQuerySet.as_manager()

    class Meta:
        db_table = "alerts"
        ordering = ["-last_seen_at"]
        indexes = [
            # the banner, the front page and the next email: what is open.
            models.Index(fields=["last_seen_at"], condition=Q(resolved_at__isnull=True), name="alert_open"),
        ]

    def __str__(self) -> str:
        return self.message
