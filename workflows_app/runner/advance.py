"""The loop: takes one run as far as it goes. Every worker, command and decision comes through here."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction

from approvals import services
from approvals.canonical import canonical, parse
from approvals.clock import database_now
from approvals.models import Outcome
from workflows_app.contracts.schema import Contract
from workflows_app.effects.difference import only_stages
from workflows_app.effects.errors import EffectError
from workflows_app.models import Alert, WorkflowRun
from workflows_app.models.lock import hold_still
from workflows_app.runner import approve_too, approved, broken, call, claim, drafting, gate, post, recheck, transitions
from workflows_app.runner.enqueue import ring
from workflows_app.runner.fan_out import FanOut, PendingCall
from workflows_app.runner.hold import on_hold
from workflows_app.runner.preconditions import blocking, in_words
from workflows_app.runner.progress import OPEN, Progress
from workflows_app.runner.reading import keep, read
from workflows_app.runner.release import contract_for
from workflows_app.runner.transitions import StaleRunError

logger = logging.getLogger(__name__)

# A pass that goes on when its call is made.
_Pending = tuple[FanOut, PendingCall]


def advance(run_id: str, *, now: datetime | None = None) -> bool:
    """Claim the run and take it as far as it goes; False when it was not ready or another worker has it.

    The claim is a transaction of its own; then each pass is one: work, give back. A call to an endpoint is made between
    two of them, the lease kept. A pass that breaks off changes nothing and is tried again.
    """
    worker = claim.claim(run_id, now or database_now())
    if worker is None:
        return False
    try:
        _go(run_id, worker, now)
        approve_too.approve_drafts(run_id)
    except StaleRunError:  # a person, or a worker that took it over, was faster
        claim.give_back(run_id, worker)
    except Exception as error:
        logger.exception("a pass of the run %s broke off", run_id)
        broken.broke_off(run_id, worker, error, now or database_now())
    return True


def _go(run_id: str, worker: str, now: datetime | None) -> None:
    """Pass after pass of a claimed run. In each first its row, then the shared lock is taken."""
    drafting.draft(run_id, worker, now)
    with transaction.atomic():
        run = claim.claimed(run_id, worker)
        moment = now or database_now()
        contract = contract_for(run.contract)
        if run.crashes >= claim.MOST_CRASHES:
            broken.give_up(run, contract, moment)
            return
        broken.mended(run, moment)
        pending = _work(run, contract, moment)
        _keep(run, pending, now)
    while pending is not None:
        output = call.make(pending[1].request)
        with transaction.atomic():
            moment = now or database_now()
            claim.renew(run, moment, crashes=0)
            hold_still()
            pending = _go_on(run, contract, pending, output, moment)
            _keep(run, pending, now)


def _keep(run: WorkflowRun, pending: _Pending | None, now: datetime | None) -> None:
    """The lease counts from the call, not from what was done before it; no call lasts as long (`delivery/http.py`)."""
    if pending is not None:
        claim.renew(run, now or database_now())


def prepare(run: WorkflowRun, contract: Contract, now: datetime) -> None:
    """Context, preconditions, plan and gate of a queued run in the caller's transaction. Raises `READING_ERRORS`."""
    reading = read(run, contract, now)
    kept = keep(reading)
    stopped = blocking(reading.checks)
    if stopped:
        for name, value in kept.items():
            setattr(run, name, value)
        WorkflowRun.objects.filter(pk=run.pk).update(**kept)
        post.conclude(run, contract, "blocked", now=now, reason=in_words(stopped))
    elif contract.gated:
        proposal = services.stage(gate.envelope(run, contract, reading, now))
        kept |= {"proposal_id": proposal.pk, "digest": proposal.digest}
        transitions.change(run, "awaiting_approval", now=now, reason="waits at the gate", phase="gate", **kept)
    else:
        transitions.change(run, "running", now=now, reason="no gate below risk level 3", phase="fan_out", **kept)


def _work(run: WorkflowRun, contract: Contract, now: datetime) -> _Pending | None:
    """One claimed run inside its transaction."""
    if not contract.gated or run.phase == "fan_out":
        hold_still()
    if run.phase == "context":
        _prepare(run, contract, now)
    if run.phase != "fan_out":
        claim.release(run)
        return None
    if on_hold() and (contract.gated or not all(map(only_stages, parse(run.plan)))):  # staging goes on
        _hold(run, now)
        return None
    progress = _progress(run, contract, now)
    if progress is None:
        claim.release(run)
        return None
    return _proceed(run, contract, FanOut(run=run, contract=contract, progress=progress, now=now))


def _prepare(run: WorkflowRun, contract: Contract, now: datetime) -> None:
    """Nobody is there to be told what cannot be planned: the run ends with the reason."""
    try:
        prepare(run, contract, now)
    except recheck.READING_ERRORS as error:
        post.conclude(run, contract, "failed", now=now, reason=f"could not be planned: {error}")


def _hold(run: WorkflowRun, now: datetime) -> None:
    """Give the run back; lifting the hold lets it go on where it is."""
    transitions.change(run, "held", now=now, reason="everything is on hold", **claim.GIVEN_BACK)


def _progress(run: WorkflowRun, contract: Contract, now: datetime) -> Progress | None:
    """The step records, checked again before the first effect; None when nothing may be applied."""
    reason = approved.gate_refusal(run) if contract.gated else ""
    if reason:
        _refuse(run, contract, reason, now)
        return None
    progress = Progress.load(run)
    if progress.records:
        return progress
    if not contract.gated:
        return Progress.begin(run, parse(run.plan), {})
    found = recheck.recheck(run, contract, now)
    if found.blocked:
        services.close(run.proposal_id, found.blocked)
        recheck.block(run, contract, found, now)
        return None
    if found.changed:
        reason = "what was approved changed before it was applied"
        previous = run.proposal_id
        services.supersede(previous, recheck.renew_card(run, contract, found, now, reason))
        return None
    assert found.comparison is not None  # noqa: S101 neither blocked nor changed
    plan = found.comparison.effective
    _freeze(run, canonical(plan))
    return Progress.begin(run, plan, dict(found.comparison.dropped))


def _freeze(run: WorkflowRun, plan: str) -> None:
    """Keep what is applied on the run; most often it is what was approved, and there already."""
    if run.plan != plan:
        run.plan = plan
        WorkflowRun.objects.filter(pk=run.pk).update(plan=plan)


def _refuse(run: WorkflowRun, contract: Contract, reason: str, now: datetime) -> None:
    """End a run whose plan nobody approved; that never happens by itself, so somebody must look."""
    message = f"{run.workflow_type} was not applied: {reason}"
    Alert.objects.raise_alert(f"run:{run.pk}", kind="not_approved", message=message, now=now, run_id=run.pk)
    post.conclude(run, contract, "failed", now=now, reason=message)


def _go_on(
    run: WorkflowRun, contract: Contract, pending: _Pending, output: dict[str, Any] | EffectError, now: datetime
) -> _Pending | None:
    """Record what a call came to, and apply what can be applied after it."""
    fan_out, done = pending
    fan_out.now = now
    fan_out.absorb(done, output)
    if on_hold():
        fan_out.progress.save()
        _hold(run, now)
        return None
    return _proceed(run, contract, fan_out)


def _proceed(run: WorkflowRun, contract: Contract, fan_out: FanOut) -> _Pending | None:
    """Apply what can be applied; with nothing left to call, settle the run and give it back."""
    pending = fan_out.proceed()
    if pending is not None:
        return fan_out, pending
    _settle(run, contract, fan_out.progress, fan_out.now)
    return None


def _settle(run: WorkflowRun, contract: Contract, progress: Progress, now: datetime) -> None:
    """`retrying` until the next attempt is due, or the end: completed, partial or failed."""
    statuses = [record.status for record in progress.records.values()]
    waits = [record.next_attempt_at for record in progress.records.values() if record.status == "retrying"]
    if any(status in OPEN for status in statuses):
        wake_at = min(wait for wait in waits if wait is not None)
        transitions.change(
            run, "retrying", now=now, reason="a step will be tried again", wake_at=wake_at, **claim.GIVEN_BACK
        )
        ring("advance", run.pk, delay=wake_at - now)
        return
    if run.proposal_id and progress.any_done():
        services.advance_outcome(run.proposal_id, Outcome.APPLIED)
    steps = list(progress.records.values())
    post.conclude(run, contract, _end(statuses), now=now, reason=_errors(progress), steps=steps)


def _end(statuses: list[str]) -> str:
    if not {"failed", "not_reached"} & set(statuses):
        return "completed"
    return "partial" if "done" in statuses else "failed"


def _errors(progress: Progress) -> str:
    records = list(progress.records.values())
    failed = [record for record in records if record.status == "failed"]
    failed = failed or [record for record in records if record.status == "not_reached"]  # a person skipped another
    return "; ".join(f"{record.step} {record.item}: {record.error}".replace(" :", ":") for record in failed)
