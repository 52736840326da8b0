"""What the anomaly scan found."""

from django.db import models
from django.db.models import Q

from workflows_app.models.fields import text_id


class AnomalyInvestigation(models.Model):
    """One finding, once per entity, kind and ISO week (`fingerprint`)."""

    ID_KIND = "ano"

    id = text_id()
    kind = models.CharField(max_length=40)
    entity_type = models.CharField(max_length=40)
    entity_id = models.CharField(max_length=160)
    severity = models.CharField(max_length=16)
    evidence = models.TextField(help_text="Canonical text: the numbers that explain the finding.")
    fingerprint = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=16, default="open")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "anomaly_investigations"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["margin_compression", "vendor_cost_spike", "order_pattern_shift"]),
                name="anomaly_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["open", "in_progress", "resolved", "dismissed"]),
                name="anomaly_status_known",
            ),
        ]
        indexes = [models.Index(fields=["status", "created_at"], name="anomaly_by_status")]

    def __str__(self) -> str:
        return f"{self.kind} {self.entity_id}"


class WeeklyAnomaly(models.Model):
    """How many anomalies of a kind a week saw; `week_start` is its Monday."""

    ID_KIND = "wka"

    id = text_id()
    week_start = models.DateField()
    kind = models.CharField(max_length=40)
    open_count = models.PositiveIntegerField()
    total_count = models.PositiveIntegerField()
    last_seen_at = models.DateTimeField()

    class Meta:
        db_table = "weekly_anomalies"
        verbose_name_plural = "weekly anomalies"
        constraints = [models.UniqueConstraint(fields=["week_start", "kind"], name="weekly_anomaly_once")]

    def __str__(self) -> str:
        return f"{self.week_start} {self.kind}"
