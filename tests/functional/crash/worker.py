"""One process that does everything Countersign does, round and round, by the commands that people use."""

import io
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from django.core.management import CommandError, call_command
from django.db.models import Q, QuerySet

from approvals.clock import DatabaseNow, database_now
from approvals.models import ProposedAction
from tests.functional.crash import orders
from workflows_app.models import Event, WorkflowRun
from workflows_app.runner.enqueue import ring
from workflows_app.runner.hold import on_hold

_PAUSE_SECONDS = 0.05
# Later than the window of every check, earlier than the end of their patience.
_WHEN_CHECKS_ARE_DUE = timedelta(minutes=20)
_WHEN_A_DOORBELL_IS_LOST = timedelta(seconds=31)
_RING_SECONDS = 3.0
# What the names of such customers begin with.
_OF = {kind: f"Kitchen {kind}-" for kind in orders.ENDS}


def work_for_ever(path: Path, parts: Sequence[str] = (), also: Sequence[str] = ()) -> NoReturn:
    """Do these parts and those round and round, in an order of chance. `path`: the orders to place."""
    given = orders.read(path)
    wanted = [PARTS[name] for name in (*(parts or ALL), *also)]
    while True:
        for part in random.sample(wanted, len(wanted)):
            part(given)
        time.sleep(_PAUSE_SECONDS)


def _place(given: Sequence[orders.Order]) -> None:
    """Give the orders that nobody has given yet; another process may be at it too, which the keys make harmless."""
    known = {*WorkflowRun.objects.values_list("trigger_key", flat=True)}
    known |= {*Event.objects.values_list("idempotency_key", flat=True)}
    for order in given:
        if order.known_as not in known:
            _command(*order.command)


def _decide(given: Sequence[orders.Order]) -> None:
    """Approve every card that is to be; of two who approve the same card, one is told that somebody came first."""
    others = Q(customer_name__startswith=_OF[orders.CANCELLED]) | Q(customer_name__startswith=_OF[orders.EXPIRED])
    pending = ProposedAction.objects.filter(status="pending").exclude(others)
    for proposal_id in pending.values_list("pk", flat=True):
        _attempt("decide", proposal_id, "approve", "--as", "mike")


def _cancel(given: Sequence[orders.Order]) -> None:
    """Cancel what waits at its gate and is not wanted any more."""
    waiting = _first_runs(orders.CANCELLED).filter(status="awaiting_approval")
    for run_id in waiting.values_list("pk", flat=True):
        _attempt("intervene", run_id, "cancel", "--as", "mike", "--reason", "Not wanted any more")


def _let_expire(given: Sequence[orders.Order]) -> None:
    """Let the time of some cards be over; a pass of the scheduler finds them."""
    pending = ProposedAction.objects.filter(status="pending", customer_name__startswith=_OF[orders.EXPIRED])
    pending.update(expires_at=DatabaseNow())


def _continue(given: Sequence[orders.Order]) -> None:
    """Do the rest of what failed in part."""
    for run_id in _first_runs(orders.CONTINUED).filter(status="partial").values_list("pk", flat=True):
        _attempt("rerun", run_id, "--as", "mike")


def _hold(given: Sequence[orders.Order]) -> None:
    """Hold everything for a while, in which cards are approved and their runs come to stand."""
    _attempt("hold", "on")
    _decide(given)
    _command("work", "--once")
    _attempt("hold", "off")


def _lift(given: Sequence[orders.Order]) -> None:
    """Whoever held everything may have died."""
    if on_hold():
        _attempt("hold", "off")


def _first_runs(kind: str) -> QuerySet[WorkflowRun]:
    return WorkflowRun.objects.filter(trigger_key__startswith=f"{orders.FIRST_RUN}{kind}-")


def _verify(given: Sequence[orders.Order]) -> None:
    _command("run_verify", "--now", (database_now() + _WHEN_CHECKS_ARE_DUE).isoformat())


class _Alarm:
    """Every few seconds, rings for what waits, as the schedules of a cluster do every minute."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, given: Sequence[orders.Order]) -> None:
        if time.monotonic() > self._next:
            self._next = time.monotonic() + _RING_SECONDS
            _command("tick", "--now", (database_now() + _WHEN_A_DOORBELL_IS_LOST).isoformat())
            ring("deliver")


def _attempt(name: str, *arguments: str) -> None:
    """A command that is refused when somebody else was faster."""
    with suppress(CommandError):
        _command(name, *arguments)


def _command(name: str, *arguments: str) -> None:
    call_command(name, *arguments, stdout=io.StringIO())


PARTS: Mapping[str, Callable[[Sequence[orders.Order]], None]] = {
    "place": _place,
    "decide": _decide,
    "work": lambda given: _command("work", "--once"),
    "deliver": lambda given: _command("deliver"),
    "verify": _verify,
    "tick": lambda given: _command("tick"),
    "ring": _Alarm(),
    "cancel": _cancel,
    "let expire": _let_expire,
    "continue": _continue,
    "hold": _hold,
    "lift": _lift,
}
# Those of a process that does everything by itself.
ALL = ("place", "decide", "work", "deliver", "verify", "tick", "cancel", "let expire", "continue", "lift")
