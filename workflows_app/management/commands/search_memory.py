"""`search_memory QUERY`."""

from typing import Any

from django.core.management.base import CommandParser

from workflows_app.management.base import Command as BaseCommand
from workflows_app.reading.memory import search


class Command(BaseCommand):
    """Find the reflexions that contain every word of the query, in narrative or tags, newest first."""

    help = (
        "Search what earlier runs remembered: every word must occur in the narrative or the tags. "
        '"words in a row" stand in quotes, and deliv* is the beginning of a word.'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("query")
        parser.add_argument("--tags", default="", help="tags with commas between them; each must be there")

    def handle(self, *args: Any, **options: Any) -> None:
        """Search and print."""
        if not options["query"].strip() and not options["tags"].strip():
            self.bad_use("Give at least one word to search for.")
        found = search(options["query"], options["tags"])
        if not found.rows:
            self.stdout.write("Nothing is remembered about that.")
        for memory in found.rows:
            self.stdout.write(f"{memory.created_at:%Y-%m-%d %H:%M}  {memory.run_id}  [{','.join(memory.tags)}]")
            self.stdout.writelines(f"    {line}\n" for line in memory.narrative.splitlines())
