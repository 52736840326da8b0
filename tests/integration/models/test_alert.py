"""An alert is one row for as long as the trouble lasts, and is found by the key that raised it, however long."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows_app.models import Alert

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LONG = f"step:run/step/{'item ' * 50}"


def raised(key: str, now: datetime = NOW, kind: str = "x") -> Alert:
    """The alert of this key, raised once more."""
    Alert.objects.raise_alert(key, kind=kind, message="It failed.", now=now)
    return Alert.objects.keyed(key).get()


def test_a_long_key_is_one_alert_that_counts() -> None:
    raised(LONG)

    assert raised(LONG).count == 2


def test_long_keys_that_differ_at_their_ends_are_two_alerts() -> None:
    assert raised(f"{LONG}a").pk != raised(f"{LONG}b").pk


def test_what_a_long_key_raised_is_found_by_it() -> None:
    raised(LONG)

    assert Alert.objects.keyed("another", LONG).resolve(NOW, by="person:mike") == 1
    assert not Alert.objects.open().exists()


def test_a_key_that_fits_is_kept_as_it_is() -> None:
    assert raised("k" * 200).key == "k" * 200


def test_what_opens_again_is_as_old_as_that() -> None:
    raised("a", NOW - 90 * DAY)
    Alert.objects.keyed("a").resolve(NOW - 89 * DAY, by="person:mike")

    assert raised("a").created_at == NOW


def test_what_is_still_open_is_as_old_as_before() -> None:
    raised("a", NOW - 90 * DAY)

    assert raised("a").created_at == NOW - 90 * DAY


def test_it_is_of_the_kind_that_was_raised_last() -> None:
    raised("a", kind="verify_broke_off")

    assert raised("a", kind="verify_failed").kind == "verify_failed"
