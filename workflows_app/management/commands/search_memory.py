"""`search_memory QUERY`."""

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q

from workflows_app.management.base import Command as BaseCommand
from workflows_app.models import ReflexionLog

_MOST = 20


class Command(BaseCommand):
    """Find the reflexions that contain every word of the query, in narrative or tags, newest first."""

    help = "Search what earlier runs remembered: every word must occur in the narrative or the tags."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("query")

    def handle(self, *args: Any, **options: Any) -> None:
        """Search and print."""
        words = options["query"].split()
        if not words:
            self.bad_use("Give at least one word to search for.")
        condition = Q()
        for word in words:
            condition &= Q(narrative__icontains=word) | Q(tags__icontains=word)
        found = list(ReflexionLog.objects.filter(condition).order_by("-created_at")[:_MOST])
        if not found:
            self.stdout.write("Nothing is remembered about that.")
        for reflexion in found:
            self.stdout.write(f"{reflexion.created_at:%Y-%m-%d %H:%M}  {reflexion.run_id}  [{reflexion.tags}]")
            self.stdout.writelines(f"    {line}\n" for line in reflexion.narrative.splitlines())
