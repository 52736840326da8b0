"""One process that does everything Countersign does, round and round, by the commands that people use."""

import io
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from django.core.management import CommandError, call_command

from approvals.clock import database_now
from approvals.models import ProposedAction
from tests.functional.crash import orders
from workflows_app.models import Event, WorkflowRun
from workflows_app.runner.enqueue import ring

_PAUSE_SECONDS = 0.05
# Later than the window of every check, earlier than the end of their patience.
_WHEN_CHECKS_ARE_DUE = timedelta(minutes=20)
_WHEN_A_DOORBELL_IS_LOST = timedelta(seconds=31)
_RING_SECONDS = 3.0


def work_for_ever(path: Path, parts: Sequence[str] = ()) -> NoReturn:
    """Do these parts round and round, in an order of chance. `path`: the orders to place."""
    given = orders.read(path)
    wanted = [PARTS[name] for name in parts or ALL]
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
    """Approve every card; of two who approve the same card, one is told that somebody came first."""
    for proposal_id in ProposedAction.objects.filter(status="pending").values_list("pk", flat=True):
        try:
            _command("decide", proposal_id, "approve", "--as", "mike")
        except CommandError:
            continue


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
}
# Those of a process that does everything by itself.
ALL = ("place", "decide", "work", "deliver", "verify", "tick")
