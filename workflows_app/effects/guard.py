"""The one place that catches every exception: a defect in one item must not undo or stop its neighbours."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from approvals.passing import PASSING
from workflows_app.effects.errors import EffectError, permanent, transient


@contextmanager
def guarded() -> Iterator[None]:
    """A savepoint (a transaction, when there is none): what fails in it is undone and raised as `EffectError`.

    A deadlock, or a lock that took too long, may pass; every other error of the database or of ours is permanent.
    """
    try:
        with transaction.atomic():
            yield
    except EffectError:
        raise
    except PASSING as error:
        raise transient(f"the database: {error}") from error
    except Exception as error:
        raise permanent(f"{type(error).__name__}: {error}") from error
