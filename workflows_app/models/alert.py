"""Things Mike must know that are not decisions."""

from datetime import datetime

from django.db import models
from django.db.models import Case, F, Q, Value, When

from approvals.canonical import digest

_LONGEST_KEY = 200


class AlertQuerySet(models.QuerySet["Alert"]):
    """Raising an alert is one call, whoever raises it."""

    def raise_alert(self, key: str, *, kind: str, message: str, now: datetime, run_id: str = "") -> None:
        """Open an alert, or count one more of an open one; a resolved one opens again as of now, and is mailed again.

        `key`: of any length; what it raises is found by `keyed`.
        """
        key = _short(key)
        seen = self.filter(key=key).update(
            kind=kind,
            message=message,
            count=F("count") + 1,
            created_at=Case(When(resolved_at=None, then=F("created_at")), default=Value(now)),
            last_seen_at=now,
            mailed_at=Case(When(resolved_at=None, then=F("mailed_at"))),
            resolved_at=None,
            resolved_by="",
        )
        if not seen:
            alert = Alert(key=key, kind=kind, message=message, run_id=run_id, created_at=now, last_seen_at=now)
            self.bulk_create([alert], ignore_conflicts=True)

    def keyed(self, *keys: str) -> "AlertQuerySet":
        """Those that were raised with these keys."""
        return self.filter(key__in=map(_short, keys))

    def open(self) -> "AlertQuerySet":
        """What nobody has resolved."""
        return self.filter(resolved_at__isnull=True)

    def resolve(self, now: datetime, *, by: str = "") -> int:
        """Close these; how many were open. `by`: a principal such as `person:mike`; nobody when the cause is over."""
        return self.open().update(resolved_at=now, resolved_by=by)


def _short(key: str) -> str:
    """The key as it is stored: the end of one that is too long, which PostgreSQL refuses, is replaced by a hash."""
    return key if len(key) <= _LONGEST_KEY else f"{key[: _LONGEST_KEY - 33]}#{digest(key)[:32]}"


class Alert(models.Model):
    """One open alert per key; repeating it raises `count`."""

    key = models.CharField(max_length=_LONGEST_KEY, unique=True)
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
            # the banner of every page: what is open of a kind.
            models.Index(fields=["kind", "key"], condition=Q(resolved_at__isnull=True), name="alert_open_of_kind"),
            # the list in the admin, what is open in it, and its search by run.
            models.Index(
                fields=["-last_seen_at", "id"], condition=Q(resolved_at__isnull=True), name="alert_open_newest"
            ),
            models.Index(fields=["-last_seen_at", "id"], name="alert_newest"),
            models.Index(fields=["run_id"], name="alert_by_run"),
        ]

    def __str__(self) -> str:
        return self.message
