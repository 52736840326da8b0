"""A worker that dies in the middle of a step."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from workflows_app.effects import apply


class Killed(BaseException):
    """What kill -9 looks like from inside."""


def kill(*args: object, **kwargs: object) -> NoReturn:
    """Die."""
    raise Killed


@contextmanager
def dying_worker(kind: str) -> Iterator[None]:
    """Applying an effect of this kind kills the worker."""
    table = apply._TOGETHER if kind in apply._TOGETHER else apply._ONE_BY_ONE
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(table, kind, kill)
        yield
