"""What every command shares: exit 0 done, 1 refused or failed, 2 bad use; JSON goes to stdout alone."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from approvals.canonical import NotCanonicalError, to_json


class Command(BaseCommand):
    """A command whose errors are one plain sentence on stderr.

    `call_command` raises `CommandError` with the exit code as its `returncode`.
    """

    _called_from_command_line: bool = False  # BaseCommand sets it; the stubs do not know it

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command. Raises `CommandError`; on the command line `SystemExit` instead."""
        try:
            self._refuse_broken_text(options)
            return super().execute(*args, **options)
        except CommandError as error:
            if not self._called_from_command_line or options.get("traceback"):
                raise
            self.stderr.write(str(error))
            sys.exit(error.returncode)

    def _refuse_broken_text(self, options: dict[str, Any]) -> None:
        """Arguments that are no UTF-8 reach Python as half characters, which no database takes."""
        for name, value in options.items():
            try:
                to_json(value if isinstance(value, str) else "")
            except NotCanonicalError as error:
                self.bad_use(f"{name}: {error}.")

    def refuse(self, message: str) -> NoReturn:
        """End with exit code 1: what was asked for is refused or failed."""
        raise CommandError(message, returncode=1)

    def bad_use(self, message: str) -> NoReturn:
        """End with exit code 2: an argument makes no sense."""
        raise CommandError(message, returncode=2)

    def print_json(self, data: object) -> None:
        """Write `data` to stdout as JSON; decimals and moments become text as in canonical text."""
        self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=to_json))

    def json_argument(self, text: str, option: str) -> Any:
        """`text`, or the file that `@path` names, as JSON; fractions become Decimal. Else it is bad use of `option`."""
        try:
            source = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
            return json.loads(source, parse_float=Decimal, parse_constant=_no_constant)
        except OSError as error:
            self.bad_use(f"{option}: cannot read {text[1:]}: {error.strerror}.")
        except ValueError as error:
            self.bad_use(f"{option}: this is not JSON: {error}.")

    def moment_argument(self, text: str, option: str) -> datetime:
        """`text` as an aware UTC moment; one without a zone is taken as UTC. Anything else is bad use of `option`."""
        try:
            moment = datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):  # the second: in UTC it is before the year 1 or after 9999
            self.bad_use(f"{option}: {text!r} is not a moment such as 2026-03-29T06:00:00Z.")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
