"""The verify phase: checks are executed when their window is over; `verify_staging.py` has staged them."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from approvals.canonical import parse
from approvals.passing import PASSING, replace_broken_connection
from workflows_app.checks.base import CheckNotExecutedError
from workflows_app.checks.registry import KINDS
from workflows_app.models import Alert, VerifyResult
from workflows_app.models.ahead import NO_LEASE, ahead, lease, nobody_has
from workflows_app.runner import corrective
from workflows_app.runner.claim import owner
from workflows_app.runner.enqueue import ring

logger = logging.getLogger(__name__)

# django-q2 ends a worker, and we its cluster, after 300 seconds; the last look of a pass may take a while.
_LONGEST_PASS = timedelta(seconds=120)
_BATCH = 100
_LAST_LOOK = " last look"  # ends the name of the owner of a late check that is executed just now
_LOST = "taken by another"
_SAID: Final = {"fail": "failed", "timeout": "could not be executed in time"}  # what raises an alert


@dataclass(frozen=True, kw_only=True)
class _Pass:
    """One pass of a scheduler. `now`: when it began; `clock`: seconds, which nobody turns; `began`: its first word."""

    now: datetime
    clock: Callable[[], float]
    began: float

    def moment(self) -> datetime:
        """The present moment."""
        return self.now + timedelta(seconds=self.clock() - self.began)


def run_due(now: datetime, *, clock: Callable[[], float] = time.monotonic) -> dict[str, int]:
    """Execute the checks that are due, batch by batch; how many ended how.

    Schedulers that run at once share the checks: each is executed by who has its lease. One whose scheduler died is
    taken over when that lease is over. A pass ends after two minutes, before django-q2 ends it, and rings for another
    one when checks are left that nobody has looked at, or whose time is over.
    """
    this = _Pass(now=now, clock=clock, began=clock())
    end = now + _LONGEST_PASS
    counts: Counter[str] = Counter()
    while this.moment() < end and (batch := _claim(this)):
        until = min(end, this.moment() + lease() / 2)  # the others are claimed anew, so that no lease is outlived
        for number, result in enumerate(batch):
            if number and this.moment() >= until:
                _give_back(batch[number:])
                break
            counts[_decide(result, now)] += 1
    if this.moment() >= end and _due(this).filter(Q(executed_at__isnull=True) | Q(give_up_at__lte=now)).exists():
        ring("run_verify")
    counts.pop(_LOST, None)
    return dict(counts)


def _due(this: _Pass) -> QuerySet[VerifyResult]:
    """Checks that are due, that nobody has, and that this pass has not looked at."""
    free = nobody_has(this.moment(), lease())
    again = Q(executed_at__isnull=True) | Q(executed_at__lt=this.now) | ahead("executed_at", this.now)
    return VerifyResult.objects.filter(free, again, status="pending", due_at__lte=this.now)


def _claim(this: _Pass) -> list[VerifyResult]:
    """Due checks that are ours from now on; committed at once.

    Those that nobody has looked at for longest come first, so that each has its turn, however many there are.
    """
    worker = owner()
    with transaction.atomic(durable=True):
        due = _due(this).order_by(F("executed_at").asc(nulls_first=True), "due_at", "pk")
        batch = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("run")[:_BATCH])
        begun = When(lease_owner__endswith=_LAST_LOOK, then=Value(worker + _LAST_LOOK))
        VerifyResult.objects.filter(pk__in=[each.pk for each in batch]).update(
            lease_owner=Case(begun, default=Value(worker)), lease_until=this.moment() + lease()
        )
    for result in batch:
        result.lease_owner = worker + (_LAST_LOOK if result.lease_owner.endswith(_LAST_LOOK) else "")
    return batch


def _give_back(rest: Sequence[VerifyResult]) -> None:
    owners = {each.lease_owner for each in rest}
    ours = VerifyResult.objects.filter(pk__in=[each.pk for each in rest], lease_owner__in=owners)
    ours.filter(status="pending").update(**NO_LEASE)


def _ours(result: VerifyResult) -> QuerySet[VerifyResult]:
    """The row of a claimed check, unless another has taken or ended it."""
    return VerifyResult.objects.filter(pk=result.pk, lease_owner=result.lease_owner, status="pending")


def _late(result: VerifyResult, now: datetime) -> bool:
    return result.give_up_at is not None and now >= result.give_up_at


def _decide(result: VerifyResult, now: datetime) -> str:
    """Execute one claimed check. One that breaks us is given back for the next pass, or ends when its time is over."""
    try:
        return _execute(result, now)
    except PASSING as error:
        logger.warning("the check %s of run %s waits for the database: %s", result.name, result.run_id, error)
        return _put_off(result, error, now, alert=_late(result, now), how="busy")
    except Exception as error:
        logger.exception("the check %s of run %s broke off", result.name, result.run_id)
        if _late(result, now):
            return _flip(result, "timeout", _in_words(error), now)
        return _put_off(result, error, now, alert=True, how="broken")


def _put_off(result: VerifyResult, error: Exception, now: datetime, *, alert: bool, how: str) -> str:
    """Give it back, so that who died with it is told from who lives; a connection that broke is replaced before."""
    replace_broken_connection()
    with transaction.atomic():
        found = {"detail": _in_words(error), "executed_at": now}
        if not _ours(result).update(**found, **NO_LEASE):
            return _LOST
        if alert:
            message = f"check {result.name} is tried again: {_in_words(error)}"
            _alert(result, message, now, kind="verify_broke_off")
    return how


def _in_words(error: Exception) -> str:
    return f"it broke off: {type(error).__name__}: {error}"


def _execute(result: VerifyResult, now: datetime) -> str:
    late = _late(result, now)
    if late and result.lease_owner.endswith(_LAST_LOOK):
        return _flip(result, "timeout", "the scheduler that looked at it died", now)
    if late and not _begin_last_look(result):
        return _LOST
    try:
        finding = KINDS[result.kind].execute(parse(result.spec), now)
    except CheckNotExecutedError as error:
        return _flip(result, "timeout" if late else "pending", str(error), now)
    if finding.passed:
        return _flip(result, "pass", finding.detail, now)
    return _flip(result, "fail" if late else "pending", finding.detail, now)


def _begin_last_look(result: VerifyResult) -> bool:
    """Mark a late check as begun, so that who dies with it is told from who died before its turn; whether it is ours.

    The mark is part of the owner's name: whoever claims the check keeps it, and giving the check back removes it.
    """
    begun = result.lease_owner + _LAST_LOOK
    ours = bool(_ours(result).update(lease_owner=begun))
    result.lease_owner = begun
    return ours


def _flip(result: VerifyResult, status: str, detail: str, now: datetime) -> str:
    """Record an outcome, if the check is still ours; one that is not good raises an alert and proposes what to do."""
    with transaction.atomic():
        found = {"status": status, "detail": detail, "executed_at": now}
        if not _ours(result).update(**found, **NO_LEASE):
            return _LOST
        if status == "fail":
            detail += _correction(result, detail, now)
        if status == "pass" and result.detail:  # an earlier look may have broken off
            Alert.objects.keyed(_key(result)).resolve(now)
        if status in _SAID:
            _alert(result, f"check {result.name} {_SAID[status]}: {detail}", now)
    return status


def _correction(result: VerifyResult, detail: str, now: datetime) -> str:
    """What to add to the alert. A defect in planning what to do is no doubt about what was found."""
    try:
        with transaction.atomic():
            return corrective.propose(result, detail, now)
    except PASSING:
        raise
    except Exception as error:
        logger.exception("what to do about the check %s of run %s broke off", result.name, result.run_id)
        return f"; what to do about it could not be proposed: {type(error).__name__}: {error}"


def _alert(result: VerifyResult, message: str, now: datetime, *, kind: str = "verify_failed") -> None:
    text = f"{result.run.workflow_type}: {message}"
    Alert.objects.raise_alert(_key(result), kind=kind, message=text, now=now, run_id=result.run_id)


def _key(result: VerifyResult) -> str:
    return f"verify:{result.run_id}:{result.name}"


def as_data(result: VerifyResult) -> dict[str, Any]:
    """Name and status, for `show_run --json`."""
    return {"name": result.name, "status": result.status, "detail": result.detail}
