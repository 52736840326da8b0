"""The retry policy: when the next attempt is, or that there is none."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.contracts.retry import next_delay
from workflows_app.contracts.schema import Retry

BACKOFFS = st.sampled_from(["none", "linear", "exponential"])


def policy(backoff: str, **changes: int) -> Retry:
    return Retry.model_validate({"max_attempts": 9, "backoff": backoff, "base_ms": 1000, "max_ms": 6000, **changes})


@pytest.mark.parametrize(
    ("backoff", "expected"),
    [("none", [0, 0, 0, 0]), ("linear", [1, 2, 3, 4]), ("exponential", [1, 2, 4, 6])],
)
def test_waits_grow_as_the_policy_says_within_a_fifth(backoff: str, expected: list[int]) -> None:
    for attempts, seconds in enumerate(expected, start=1):
        delay = next_delay(policy(backoff), attempts, place="run/step/")

        assert delay is not None
        assert timedelta(seconds=seconds * 0.8) <= delay <= timedelta(seconds=seconds * 1.2)


@pytest.mark.parametrize("most", [1, 3])
def test_there_is_no_attempt_after_the_last(most: int) -> None:
    delays = [next_delay(policy("linear", max_attempts=most), attempts, place="x") for attempts in range(1, most + 2)]

    assert [delay is not None for delay in delays] == [True] * (most - 1) + [False, False]


def test_waits_differ_between_places_and_not_between_readings() -> None:
    first, again, other = (next_delay(policy("linear"), 1, place=place) for place in ("a", "a", "b"))

    assert first == again != other


@given(backoff=BACKOFFS, attempts=st.integers(1, 60), base=st.integers(0, 10_000), most=st.integers(0, 60_000))
def test_no_wait_is_negative_or_longer_than_the_longest(backoff: str, attempts: int, base: int, most: int) -> None:
    chosen = policy(backoff, base_ms=base, max_ms=max(base, most), max_attempts=10)

    delay = next_delay(chosen, attempts, place="p")

    assert (delay is None) is (attempts >= 10)
    assert delay is None or timedelta(0) <= delay <= timedelta(milliseconds=chosen.max_ms * 1.2)
