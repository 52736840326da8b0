"""`backtest CONTRACT_FILE --since DATE [--until DATE] [--limit N] [--json]`."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from approvals.canonical import to_json
from workflows_app.contracts.load import ContractFile, load_file
from workflows_app.contracts.problems import ContractErrors
from workflows_app.management import backtest_report as report
from workflows_app.management.base import Command as BaseCommand
from workflows_app.runner.backtest.runs import Asked, Tried, backtest
from workflows_app.runner.backtest.sums import Sums
from workflows_app.runner.catalog import catalog

_EVERY = 100


class Command(BaseCommand):
    """Reads only. Exit 0 also when there are differences: they are the answer, not a failure."""

    help = (
        "Plan a new contract version against stored runs, and show what it would have done otherwise. Writes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file and which runs."""
        parser.add_argument(
            "contract_file", metavar="CONTRACT_FILE", help="<workflow_type>.v<N>.yaml, not released yet"
        )
        parser.add_argument("--since", required=True, metavar="DATE", help="runs queued at that moment or later (UTC)")
        parser.add_argument("--until", default="", metavar="DATE", help="runs queued before that moment (UTC)")
        parser.add_argument("--limit", type=int, default=None, metavar="N", help="only the N newest of them")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Plan, compare, tell."""
        asked = Asked(
            file=self._file(options["contract_file"]),
            since=self.moment_argument(options["since"], "--since"),
            until=self.moment_argument(options["until"], "--until") if options["until"] else None,
            limit=self._limit(options["limit"]),
        )
        tell = self._data if options["json"] else self._tell
        tell(asked, asked.count())

    def _file(self, name: str) -> ContractFile:
        try:
            return load_file(Path(name), catalog(), shown_as=name)
        except ContractErrors as error:
            self.refuse("\n".join(map(str, error.problems)))
        except OSError as error:
            self.bad_use(f"{name}: cannot be read: {error.strerror}.")

    def _limit(self, limit: int | None) -> int | None:
        if limit is not None and limit < 1:
            self.bad_use("--limit: give a number of runs, at least 1.")
        return limit

    def _tell(self, asked: Asked, count: int) -> None:
        self.stdout.write(report.head(asked, count))
        sums = Sums()
        for tried in self._tried(asked, count, sums):
            for line in report.lines(tried):
                self.stdout.write(line)
        for line in report.summary(sums) if count else ():
            self.stdout.write(line)

    def _data(self, asked: Asked, count: int) -> None:
        """One JSON object, written run by run."""
        contract, sums = asked.file.contract, Sums()
        about = {"workflow_type": contract.workflow_type, "contract_version": contract.contract_version}
        self.stdout.write(f'{{"contract": {_json({**about, "sha256": asked.file.sha256})},')
        self.stdout.write(f'"since": {_json(asked.since)}, "until": {_json(asked.until)}, "runs": [')
        for number, tried in enumerate(self._tried(asked, count, sums)):
            self.stdout.write(("," if number else "") + _json(report.as_data(tried)))
        self.stdout.write(f'], "sum": {_json(sums.as_data())}}}')

    def _tried(self, asked: Asked, count: int, sums: Sums) -> Iterator[Tried]:
        """Each run, counted, with a word on stderr now and then."""
        for number, tried in enumerate(backtest(asked), start=1):
            sums.add(tried)
            yield tried
            if number % _EVERY == 0:
                self.stderr.write(f"{number:,} of {count:,} runs")


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, default=to_json)
