"""`load_contracts`: check contract files and release them, all or none."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from approvals.clock import database_now
from workflows_app.contracts.json_schema import schema_text
from workflows_app.contracts.load import ContractFile, load_file
from workflows_app.contracts.problems import ContractErrors, Problem
from workflows_app.effects.errors import EffectError
from workflows_app.management.base import Command as BaseCommand
from workflows_app.runner.catalog import catalog
from workflows_app.runner.release import ReleaseError, release
from workflows_app.triggers.replay import replay

_DEFAULT = Path("fixtures") / "contracts"


class Command(BaseCommand):
    """Loads contract files; every problem of every file goes to stderr as `file:line:column: path: message`."""

    help = "Check contract files and release them. All or none: one problem anywhere changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Files or folders, and what to do with them."""
        parser.add_argument("paths", nargs="*", metavar="PATH", help=f"file or folder (default {_DEFAULT})")
        parser.add_argument("--check", action="store_true", help="only check; the database is not touched")
        parser.add_argument(
            "--replay-since",
            metavar="MOMENT",
            help="let these contracts also see the events recorded since then (ISO 8601), before they became active",
        )
        parser.add_argument("--export-schema", metavar="PATH", help="write the JSON Schema for editors, and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, then release."""
        if options["export_schema"]:
            Path(options["export_schema"]).write_text(schema_text(catalog()), encoding="utf-8")
            return
        since = self._since(options)
        files = self._load(list(self._files(options["paths"])))
        if options["check"]:
            for file in files:
                self.stdout.write(f"{file.contract.workflow_type} v{file.contract.contract_version}: valid")
            return
        try:
            for released in release(files, database_now()):
                self.stdout.write(str(released))
        except (ContractErrors, ReleaseError) as error:
            self.refuse(str(error))
        if since is not None:
            self._replay({file.contract.workflow_type for file in files}, since)

    def _since(self, options: dict[str, Any]) -> datetime | None:
        """The moment of `--replay-since`, which lies in the past."""
        if not options["replay_since"]:
            return None
        if options["check"]:
            self.bad_use("--replay-since starts runs, and --check changes nothing: choose one of them.")
        since = self.moment_argument(options["replay_since"], "--replay-since")
        if since > database_now():
            self.bad_use("--replay-since: give a moment in the past.")
        return since

    def _replay(self, workflow_types: set[str], since: datetime) -> None:
        try:
            started = replay(workflow_types, since, database_now())
        except EffectError as error:
            self.refuse(f"Not every event since then was seen; give the same command again: {error.message}")
        self.stdout.write(f"Events since {since:%F %T} UTC: {started} run{'' if started == 1 else 's'} started.")

    def _files(self, paths: Iterable[str]) -> Iterable[Path]:
        """Every contract file of the given files and folders."""
        for path in [Path(text) for text in paths] or [Path(settings.BASE_DIR) / _DEFAULT]:
            if not path.exists():
                self.bad_use(f"{path}: there is no such file or folder.")
            found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
            if not found:
                self.bad_use(f"{path}: there is no contract (*.yaml) in this folder.")
            yield from found

    def _load(self, paths: list[Path]) -> list[ContractFile]:
        """All files as contracts, or exit 1 with all problems of all of them."""
        files: list[ContractFile] = []
        problems: list[Problem] = []
        for path in paths:
            try:
                files.append(load_file(path, catalog(), shown_as=_shown(path)))
            except ContractErrors as error:
                problems += error.problems
            except OSError as error:
                self.bad_use(f"{path}: cannot be read: {error.strerror}.")
        if problems:
            self.refuse("\n".join(map(str, problems)))
        return files


def _shown(path: Path) -> str:
    """A path as messages show it: below the working folder without that folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
