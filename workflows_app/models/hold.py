"""The switch that stops every effect and delivery."""

from django.db import models
from django.db.models import Q


class Hold(models.Model):
    """One row: whether everything is on hold, who said so, and why."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    on = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "hold_switch"
        verbose_name = "hold switch"
        verbose_name_plural = "hold switch"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="hold_single_row")]

    def __str__(self) -> str:
        return "on hold" if self.on else "running"
