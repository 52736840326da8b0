"""Read-only pages for django-q2's tables that never unpickle anything (DJANGO_Q2.md, footguns).

Its own admin can run any function through a schedule row and unpickles what a task left behind, which is a shell for
whoever can write to the database. These pages read plain columns only: the pickled ones are deferred, never shown.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, Model, QuerySet
from django.http import HttpRequest
from django_q.models import Failure, OrmQ, Schedule, Success

from workflows_app.admin.base import ReadOnlyAdmin

for _model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


class QueueAdmin(ReadOnlyAdmin):
    """A list of the columns in `safe`; the others are never read from the database."""

    safe: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """Rows with only the safe columns loaded."""
        return super().get_queryset(request).only(*self.safe)  # type: ignore[no-any-return]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """The safe columns."""
        return list(self.safe)

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """The same in the list."""
        return list(self.safe)

    def _shown(self, field: "Field[Any, Any]") -> Any:
        return field.name


@admin.register(Schedule)
class ScheduleAdmin(QueueAdmin):
    """When django-q2 rings our doorbells."""

    safe = ("id", "name", "func", "schedule_type", "cron", "next_run", "repeats", "cluster")
    ordering = ("next_run", "id")


class TaskAdmin(QueueAdmin):
    """Tasks that ended. `started` is when the task was put in the queue."""

    safe = ("id", "name", "func", "started", "stopped", "success", "attempt_count")
    list_filter = ("func",)
    search_fields = ("id", "name", "func")
    ordering = ("-stopped", "id")


@admin.register(Success)
class SuccessAdmin(TaskAdmin):
    """Tasks that succeeded."""


@admin.register(Failure)
class FailureAdmin(TaskAdmin):
    """Tasks that failed."""


@admin.register(OrmQ)
class OrmQAdmin(QueueAdmin):
    """Tasks that wait. The payload is a signed pickle and stays closed."""

    safe = ("id", "key", "lock")
    ordering = ("lock", "id")
