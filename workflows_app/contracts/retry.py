"""The retry policy as arithmetic: it decides, it never acts."""

import random
from datetime import timedelta

from workflows_app.contracts.schema import Retry

_JITTER = 0.2


def next_delay(policy: Retry, attempts: int, *, place: str) -> timedelta | None:
    """How long to wait after `attempts` failed attempts, or None when there is no further one.

    `linear` waits base·n, `exponential` base·2^(n-1), capped at `max_ms`, ±20 % jitter. The jitter is drawn from
    `place` (run, step, item) and the attempt, so that a decision can be repeated.
    """
    if attempts >= policy.max_attempts:
        return None
    jitter = random.Random(f"{place}/{attempts}").uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 not a secret
    return timedelta(milliseconds=_delay_ms(policy, attempts) * jitter)


def _delay_ms(policy: Retry, attempts: int) -> int:
    if policy.backoff == "none":
        return 0
    factor = attempts if policy.backoff == "linear" else 2 ** (attempts - 1)
    return min(policy.base_ms * factor, policy.max_ms)
