"""Started by hand: the admin's form and `start_run`."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals import services
from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner import drafting
from workflows_app.runner.advance import advance, prepare
from workflows_app.runner.gate import envelope
from workflows_app.runner.inputs import check_inputs
from workflows_app.runner.reading import Reading, read
from workflows_app.runner.release import contract_for
from workflows_app.runner.start import Cause, create_run, new_run


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What would happen: an unsaved run, its reading and the proposal that its gate would be. Nothing is written."""

    run: WorkflowRun
    reading: Reading
    proposal: services.NewProposal


def start(
    contract: WorkflowContract,
    inputs: Mapping[str, Any],
    *,
    principal: Principal,
    key: str = "",
    source: str = "",
    now: datetime | None = None,
) -> WorkflowRun:
    """Start a run and take it as far as it goes; the existing one when `key` is known.

    A gated run is created, planned and brought to its gate in one transaction. Whoever starts it is there to be told:
    raises `InputError`, and `READING_ERRORS` when it cannot be planned; then there is no run.
    """
    parsed = contract_for(contract)
    checked = check_inputs(parsed, inputs)
    cause = Cause(
        kind="manual",
        key=f"manual:{contract.workflow_type}:{key or uuid.uuid4()}",
        principal=principal,
        source=source or str(principal),
    )
    return begin(contract, checked, cause, now=now)


def begin(
    contract: WorkflowContract,
    inputs: Mapping[str, Any],
    cause: Cause,
    *,
    edits: str = "[]",
    now: datetime | None = None,
) -> WorkflowRun:
    """Create a run for somebody who is there to be told, and take it as far as it goes; `inputs` are checked already.

    A run with letters to draft is planned after them. Raises `READING_ERRORS` when it cannot be planned; then there is
    no run.
    """
    parsed = contract_for(contract)
    at_once = parsed.gated and not drafting.wanted(parsed)
    with transaction.atomic():
        moment = now or database_now()
        run, created = create_run(contract, inputs, cause, moment, edits=edits)
        if created and at_once:
            prepare(run, parsed, moment)
        elif created:
            read(run, parsed, moment)
    if created and not at_once:
        advance(run.pk, now=now)
        run.refresh_from_db()
    return run


def dry_run(contract: WorkflowContract, inputs: Mapping[str, Any], *, principal: Principal) -> DryRun:
    """Plan without a gate and without a trace. Raises `InputError` and what planning raises."""
    parsed = contract_for(contract)
    checked = check_inputs(parsed, inputs)
    now = database_now()
    run = new_run(contract, checked, Cause(kind="manual", key="dry-run", principal=principal), now)
    reading = read(run, parsed, now)
    return DryRun(run=run, reading=reading, proposal=envelope(run, parsed, reading, now))
