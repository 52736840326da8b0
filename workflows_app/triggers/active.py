"""The contracts that may start runs now. One that does not load is named in an alert; the others start as ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflows_app.contracts.problems import ContractErrors
from workflows_app.contracts.schema import Contract
from workflows_app.models import Alert, WorkflowContract
from workflows_app.runner.release import ReleaseError, contract_for


@dataclass(frozen=True, kw_only=True)
class Active:
    """An active contract version that loads."""

    row: WorkflowContract
    contract: Contract


def load_active(rows: Iterable[WorkflowContract], now: datetime) -> tuple[list[Active], bool]:
    """Those of `rows` that load, and whether they are all; an alert names each other one, unless it is paused."""
    found: list[Active] = []
    complete = True
    for row in rows:
        try:
            found.append(Active(row=row, contract=contract_for(row)))
        except (ContractErrors, ReleaseError) as error:
            complete = False
            if not row.paused:
                _alert(row, error, now)
    return found, complete


def _alert(row: WorkflowContract, error: Exception, now: datetime) -> None:
    message = f"{row} does not load, so nothing starts it; load a new version, or pause it: {error}"
    Alert.objects.raise_alert(f"contract:{row.workflow_type}", kind="contract", message=message, now=now)
