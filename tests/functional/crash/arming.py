"""Builds crash points into this process: real functions are wrapped, and the process kills itself at the point."""

import functools
import hashlib
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.db import transaction

from tests.functional.crash.points import Moment, Point


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What a process meets at its points: a signal (SIGKILL ends it, SIGSTOP stops it), and how often over all of them.

    `marks`: a folder with one file per point and subject, made just before the signal. `most`: per point.
    """

    marks: Path
    how: signal.Signals = signal.SIGKILL
    most: int = 1_000_000

    def strike(self, point: Point, subject: str) -> None:
        """Send the signal, unless this subject has cost a process its life here before, or enough have died."""
        folder = self.marks / point.name
        if not subject or len(os.listdir(folder)) >= point.kills(self.most):
            return
        try:
            (folder / hashlib.sha256(subject.encode()).hexdigest()).open("x").close()
        except FileExistsError:
            return
        os.kill(os.getpid(), self.how)


def arm(points: Iterable[Point], fate: Fate) -> None:
    """Build the points into this process."""
    for point in points:
        (fate.marks / point.name).mkdir(parents=True, exist_ok=True)
        owner, name = resolve(point.target)
        setattr(owner, name, _mortal(point, getattr(owner, name), fate))


def resolve(target: str) -> tuple[Any, str]:
    """What holds the function of `module:name` or `module:Class.name`, and its name there."""
    module, _, path = target.partition(":")
    *holders, name = path.split(".")
    return functools.reduce(getattr, holders, import_module(module)), name


def _mortal(point: Point, call: Callable[..., Any], fate: Fate) -> Callable[..., Any]:
    @functools.wraps(call)
    def mortal(*arguments: Any, **named: Any) -> Any:
        strike = functools.partial(fate.strike, point, point.subject(*arguments, **named))
        if point.moment is Moment.BEFORE:
            strike()
        result = call(*arguments, **named)
        if not point.won(result):
            return result
        if point.moment is Moment.AFTER:
            strike()
        elif point.moment is Moment.COMMITTED:
            transaction.on_commit(strike)
        return result

    return mortal
