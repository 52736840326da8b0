"""Contract versions in the database: released once, never changed, compiled once per process."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction

from workflows_app.contracts.load import ContractFile, load_text
from workflows_app.contracts.problems import ContractErrors, Finding, Problem
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract
from workflows_app.runner.catalog import catalog

_compiled: dict[str, Contract] = {}


class ReleaseError(Exception):
    """A contract version that cannot be used or stored; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What became of one file: stored and made the active version, only stored, or there already."""

    workflow_type: str
    contract_version: int
    outcome: Literal["activated", "loaded", "unchanged"]

    def __str__(self) -> str:
        return f"{self.workflow_type} v{self.contract_version}: {self.outcome}"


def contract_for(row: WorkflowContract) -> Contract:
    """The contract of a released version. Raises `ContractErrors`, and `ReleaseError` for a text that was changed."""
    found = _compiled.get(row.sha256)
    if found is None:
        if _sha256(row.source) != row.sha256:
            raise ReleaseError(f"the stored text of {row} is not the one that was released")
        found = _compiled[row.sha256] = load_text(row.source, source=str(row), catalog=catalog())
    return found


def contract_if_it_loads(row: WorkflowContract) -> Contract | None:
    """The contract of a released version; None when it does not load any more. To end a run, none is needed."""
    try:
        return contract_for(row)
    except (ContractErrors, ReleaseError):
        return None


def release(files: Sequence[ContractFile], now: datetime) -> list[Release]:
    """Store contract versions, all or none; the newest of each type becomes the active one when it is new.

    Raises `ContractErrors` when a released version has another text now, `ReleaseError` when somebody else releases the
    same versions at this moment.
    """
    try:
        with transaction.atomic():
            _refuse_changes(files)
            stored = [_store(file, now) for file in files]
            return [_activate(row, now) if new else _release(row, "unchanged") for row, new in stored]
    except IntegrityError as error:
        raise ReleaseError("somebody else is releasing the same contracts; try again") from error


def _refuse_changes(files: Sequence[ContractFile]) -> None:
    """A released version keeps its text for ever, also against a second file of the same version."""
    known = {
        (row.workflow_type, row.contract_version): row.sha256
        for row in WorkflowContract.objects.select_for_update().order_by("pk")
    }
    changed: list[Problem] = []
    for file in files:
        place = (file.contract.workflow_type, file.contract.contract_version)
        if known.setdefault(place, file.sha256) != file.sha256:
            newest = max(version for name, version in known if name == place[0])
            message = (
                f"version {place[1]} of {place[0]} is released with another text; a released file never changes; "
                f"add version {newest + 1}"
            )
            changed.append(file.places.problem(Finding(path=("contract_version",), message=message)))
    if changed:
        raise ContractErrors(changed)


def _store(file: ContractFile, now: datetime) -> tuple[WorkflowContract, bool]:
    """The row of a version, and whether it is new. A workflow that is paused stays so in its next version."""
    contract = file.contract
    same_type = WorkflowContract.objects.filter(workflow_type=contract.workflow_type)
    return WorkflowContract.objects.get_or_create(
        workflow_type=contract.workflow_type,
        contract_version=contract.contract_version,
        defaults={
            "title": contract.title,
            "category": contract.category,
            "risk_level": contract.risk_level,
            "source": file.text,
            "sha256": file.sha256,
            "loaded_at": now,
            "paused": same_type.filter(active=True, paused=True).exists(),
        },
    )


def _activate(row: WorkflowContract, now: datetime) -> Release:
    """Make a new row the active version, unless there is a newer one."""
    same_type = WorkflowContract.objects.filter(workflow_type=row.workflow_type)
    if same_type.filter(contract_version__gt=row.contract_version).exists():
        return _release(row, "loaded")
    same_type.filter(active=True).update(active=False)
    same_type.filter(pk=row.pk).update(active=True, activated_at=now)
    return _release(row, "activated")


def _release(row: WorkflowContract, outcome: Literal["activated", "loaded", "unchanged"]) -> Release:
    return Release(workflow_type=row.workflow_type, contract_version=row.contract_version, outcome=outcome)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
