"""Which runs are planned anew, newest first, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Q, QuerySet

from approvals.canonical import parse
from approvals.clock import database_now
from workflows_app.contracts.load import ContractFile
from workflows_app.contracts.problems import ContractErrors
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.reading.snapshot import snapshot
from workflows_app.runner.backtest.comparing import Compared, compare, drifted
from workflows_app.runner.backtest.sides import Side, Version, inputs_for, side, stored_inputs
from workflows_app.runner.release import ReleaseError, contract_for
from workflows_app.runner.reuse import continued

_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The file to try, and which runs: queued at `since` or later, before `until`, the `limit` newest of them."""

    file: ContractFile
    since: datetime
    until: datetime | None = None
    limit: int | None = None

    def runs(self) -> QuerySet[WorkflowRun]:
        """The runs, newest first."""
        found = WorkflowRun.objects.filter(workflow_type=self.file.contract.workflow_type, queued_at__gte=self.since)
        found = found.filter(queued_at__lt=self.until) if self.until else found
        return found.order_by("-queued_at", "-pk")

    def count(self) -> int:
        """How many runs there are to plan."""
        found = self.runs().count()
        return found if self.limit is None else min(found, self.limit)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A run planned by both versions. `drifted`: its own version plans something else today than it did then.

    `compared` is None for a run that continues another one: that one stands for it.
    """

    run: WorkflowRun
    compared: Compared | None
    drifted: bool = False


def backtest(asked: Asked) -> Iterator[Tried]:
    """Plan each run by its own version and by the file, at one moment and in one state of the database.

    Nothing can be written meanwhile. One run is in memory at a time.
    """
    with snapshot():
        now = database_now()
        new = Version(row=_unsaved(asked.file), contract=asked.file.contract)
        for run_id in islice(_ids(asked.runs()), asked.limit):
            run = WorkflowRun.objects.select_related("contract").defer("context").get(pk=run_id)
            yield _tried(run, new, now)


def _ids(runs: QuerySet[WorkflowRun]) -> Iterator[str]:
    """The ids, page by page."""
    page = list(runs.values_list("queued_at", "pk")[:_PAGE])
    while page:
        yield from (run_id for _, run_id in page)
        moment, last = page[-1]
        behind = Q(queued_at__lt=moment) | Q(queued_at=moment, pk__lt=last)
        page = list(runs.filter(behind).values_list("queued_at", "pk")[:_PAGE])


def _unsaved(file: ContractFile) -> WorkflowContract:
    contract = file.contract
    return WorkflowContract(
        workflow_type=contract.workflow_type,
        contract_version=contract.contract_version,
        title=contract.title,
        risk_level=contract.risk_level,
        sha256=file.sha256,
    )


def _tried(run: WorkflowRun, new: Version, now: datetime) -> Tried:
    if continued(run):
        return Tried(run=run, compared=None)
    was = _own_side(run, now)
    same = run.contract.sha256 == new.row.sha256
    compared = compare(was, was if same else side(run, new, inputs_for(run, new.contract), now))
    return Tried(run=run, compared=compared, drifted=drifted(parse(run.plan), was))


def _own_side(run: WorkflowRun, now: datetime) -> Side:
    try:
        own = Version(row=run.contract, contract=contract_for(run.contract))
    except (ContractErrors, ReleaseError) as error:
        return Side(ending="not planned", problem=f"its own version does not load any more: {error}")
    return side(run, own, stored_inputs(run), now)
