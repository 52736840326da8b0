"""`set_up`: what a fresh installation needs beside its tables."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import CommandParser

from approvals.clock import database_now
from approvals.groups import APPROVERS
from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import Heartbeat
from workflows_app.models.heartbeat import SET_UP
from workflows_app.runner.enqueue import set_schedules


class Command(BaseCommand):
    """Create mike, who may decide, and the housekeeping schedules. Run once per deployment; repeating does no harm."""

    help = "Create the approver mike (with MIKE_PASSWORD, or a fresh one) and the housekeeping schedules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--user", default="mike")

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing."""
        set_schedules()
        Heartbeat.objects.beat(SET_UP, database_now())
        user, created = get_user_model().objects.get_or_create(
            username=options["user"], defaults={"is_staff": True, "is_superuser": True}
        )
        user.groups.add(Group.objects.get(name=APPROVERS))
        if not created:
            self.stdout.write(f"{options['user']} is there already; the password stays.")
            return
        password = settings.MIKE_PASSWORD or secrets.token_urlsafe(12)
        user.set_password(password)
        user.save()
        shown = "the password of .env" if settings.MIKE_PASSWORD else f"the password {password}"
        self.stdout.write(f"Created {options['user']} with {shown}.")
