"""One process that does everything Countersign does, round and round, by the commands that people use."""

import io
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from django.core.management import CommandError, call_command

from approvals.clock import database_now
from approvals.models import ProposedAction
from tests.functional.crash import orders
from workflows_app.models import Event, WorkflowRun

_PAUSE_SECONDS = 0.05
# Later than the window of every check, earlier than the end of their patience.
_WHEN_CHECKS_ARE_DUE = timedelta(minutes=20)


def work_for_ever(path: Path) -> NoReturn:
    """Place the orders of the file, decide as mike, work, deliver, verify and tick, in an order of chance."""
    given = orders.read(path)
    rounds: list[Callable[[], None]] = [
        lambda: _place(given),
        _decide,
        lambda: _command("work", "--once"),
        lambda: _command("deliver"),
        lambda: _command("run_verify", "--now", (database_now() + _WHEN_CHECKS_ARE_DUE).isoformat()),
        lambda: _command("tick"),
    ]
    while True:
        for part in random.sample(rounds, len(rounds)):
            part()
        time.sleep(_PAUSE_SECONDS)


def _place(given: Sequence[orders.Order]) -> None:
    """Give the orders that nobody has given yet; another process may be at it too, which the keys make harmless."""
    known = {*WorkflowRun.objects.values_list("trigger_key", flat=True)}
    known |= {*Event.objects.values_list("idempotency_key", flat=True)}
    for order in given:
        if order.known_as not in known:
            _command(*order.command)


def _decide() -> None:
    """Approve every card; of two who approve the same card, one is told that somebody came first."""
    for proposal_id in ProposedAction.objects.filter(status="pending").values_list("pk", flat=True):
        try:
            _command("decide", proposal_id, "approve", "--as", "mike")
        except CommandError:
            continue


def _command(name: str, *arguments: str) -> None:
    call_command(name, *arguments, stdout=io.StringIO())
