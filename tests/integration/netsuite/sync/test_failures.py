"""When NetSuite does not answer, or not sensibly: a failed pass with a sentence, and an alert after three."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.integration.netsuite.sync.books import Books, synced
from workflows_app.models import Alert, Customer, Hold, SpecItem, SyncLog
from workflows_app.netsuite.client import NetSuite, connect
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync import passes
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass

QUERIES = {"path": "*suiteql"}


def at_once() -> NetSuite:
    """A connection without patience, so that no test waits."""
    return connect(patience=0)


def failed() -> SyncLog:
    """A pass that did not complete."""
    row = run_pass(CHANGES, connect=at_once)
    assert row is not None
    assert (row.status, row.completed_at, row.lease_until) == ("failed", None, None)
    return row


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("too_many", "429 CONCURRENCY_LIMIT_EXCEEDED"),
        ("error_before_commit", "500 UNEXPECTED_ERROR"),
        ("drop_before_commit", "no answer"),
        ("malformed_json", "the answer cannot be read"),
    ],
)
def test_a_failed_pass_says_what_netsuite_said(books: Books, sandbox: Sandbox, fault: str, words: str) -> None:
    books.customer()
    sandbox.plant(fault, **QUERIES)

    row = failed()

    assert words in row.error
    assert row.retries_429 == (fault == "too_many")
    assert row.http_calls >= 2
    synced()
    assert Customer.objects.count() == 1


def test_netsuite_that_cannot_be_reached_is_a_failed_pass(db: None) -> None:
    assert "cannot be reached" in failed().error


def test_patience_outlasts_a_busy_moment(books: Books, sandbox: Sandbox) -> None:
    books.customer()
    sandbox.plant("too_many", times=1, **QUERIES)

    row = synced()

    assert (row.retries_429, row.rows_upserted) == (1, 1)


def test_three_failures_in_a_row_are_one_alert_which_ends_when_it_works_again(books: Books, sandbox: Sandbox) -> None:
    sandbox.plant("error_before_commit", times=4, **QUERIES)
    failed()
    failed()
    assert not Alert.objects.exists()
    failed()
    failed()

    alert = Alert.objects.get()
    assert (alert.kind, alert.count, alert.resolved_at) == ("sync_failed", 2, None)
    assert "failed 3 times in a row" in alert.message
    assert "UNEXPECTED_ERROR" in alert.message
    synced()
    assert Alert.objects.get().resolved_at is not None


def test_a_text_that_is_too_long_is_cut(books: Books) -> None:
    books.item("DRY-1001-" * 5, salesDescription="Rice " * 100)

    synced()
    synced()

    row = SpecItem.objects.get()
    assert (row.item_code, row.description) == (("DRY-1001-" * 5)[:40], ("Rice " * 100)[:200])


def test_a_time_zone_that_does_not_exist_is_said(books: Books, settings: Settings) -> None:
    settings.NETSUITE = {**settings.NETSUITE, "TIME_ZONE": "Mars/Olympus"}

    assert "NETSUITE_TIME_ZONE: there is no time zone 'Mars/Olympus'" in failed().error


def test_reading_goes_on_while_everything_is_on_hold(books: Books) -> None:
    Hold.objects.create(pk=1, on=True)
    books.customer()

    assert synced(FULL).rows_upserted == 1


def test_a_night_that_failed_is_an_alert_at_once(books: Books, sandbox: Sandbox) -> None:
    sandbox.plant("error_before_commit", **QUERIES)

    run_pass(NIGHTLY, connect=at_once)

    assert Alert.objects.get().message.startswith("Reading from NetSuite (nightly_full) has failed: ")


def test_a_mapping_that_cannot_be_used_is_said(books: Books, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text('item = "x"', encoding="utf-8")
    settings.NETSUITE = {**settings.NETSUITE, "MAPPING": str(path)}

    assert "NETSUITE_MAPPING: item must be a section" in failed().error


def test_a_fault_of_ours_is_a_failed_pass_and_raised(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(today: date) -> None:
        raise TypeError("not a number")

    monkeypatch.setattr(passes, "rebuild_aging", broken)
    for _ in range(3):
        with pytest.raises(TypeError):
            run_pass(CHANGES)

    ends = SyncLog.objects.values_list("status", "error", "lease_owner")
    assert set(ends) == {("failed", "TypeError: not a number", "")}
    assert "TypeError: not a number" in Alert.objects.get().message
