"""A pass that stops in the middle is gone on with; two of a kind never run at once; nothing is lost in between."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.db.models import Sum

from approvals.clock import database_now
from tests.integration.netsuite.sync.books import Books, synced
from tests.sandbox import Hands
from workflows_app.models import Customer, SyncLog, Transaction, TransactionLine
from workflows_app.netsuite.client import connect
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync import log, stages
from workflows_app.netsuite.sync.kinds import CHANGES, FULL, NIGHTLY
from workflows_app.netsuite.sync.passes import run_pass

CUSTOMERS, INVOICES = 5, 5
READ = CUSTOMERS + 2 * INVOICES + 1  # each invoice has a line; one item


class KilledError(BaseException):
    """What a test kills a pass with; like a death, it leaves nobody to write down what happened."""


@pytest.fixture
def company(books: Books, monkeypatch: pytest.MonkeyPatch) -> Books:
    """A few customers and invoices, read two at a time."""
    monkeypatch.setattr(stages, "_PAGE", 2)
    monkeypatch.setattr(stages, "_WITH_PARTS", 2)
    monkeypatch.setattr(stages, "_ASKED", 2)
    item = books.item()
    for number in range(CUSTOMERS):
        books.invoice(books.customer(f"Customer {number}"), item, 10.0)
    return books


def kill_after(pages: int) -> Callable[[SyncLog], None]:
    """Dies when so many pages are committed."""

    def report(row: SyncLog) -> None:
        if row.pages == pages:
            raise KilledError

    return report


def time_passes() -> None:
    """The lease of whoever died runs out."""
    SyncLog.objects.filter(status="running").update(lease_until=database_now() - timedelta(seconds=1))


def everything() -> tuple[int, int, int]:
    """How many rows there are of what was made."""
    return Customer.objects.count(), Transaction.objects.count(), TransactionLine.objects.count()


@pytest.mark.parametrize("pages", range(1, 8))
def test_killed_after_a_page_it_goes_on_with_the_next_one(company: Books, pages: int) -> None:
    with pytest.raises(KilledError):
        run_pass(CHANGES, report=kill_after(pages))
    time_passes()

    row = synced()

    dead = SyncLog.objects.get(status="interrupted")
    assert (dead.pages, dead.completed_at) == (pages, None)
    assert dead.rows_read + row.rows_read == READ
    assert (row.window_from, row.window_to) == (dead.window_from, dead.window_to)
    assert everything() == (CUSTOMERS, INVOICES, INVOICES)


@pytest.mark.parametrize("pages", range(7))
def test_killed_before_a_page_is_committed_it_reads_that_page_again(
    company: Books, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    page_done = log.page_done

    def dying(row: SyncLog, *args: Any, **values: Any) -> None:
        page_done(row, *args, **values)
        if row.pages > pages:
            raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(log, "page_done", dying)
        with pytest.raises(KilledError):
            run_pass(CHANGES)
    time_passes()

    row = synced()

    dead = SyncLog.objects.get(status="interrupted")
    assert dead.pages == pages
    assert dead.rows_read + row.rows_read == READ
    assert everything() == (CUSTOMERS, INVOICES, INVOICES)


def test_what_changed_while_a_pass_was_dead_is_read_by_the_next_one(company: Books, hands: Hands) -> None:
    with pytest.raises(KilledError):
        run_pass(CHANGES, report=kill_after(3))
    ns_id = Customer.objects.order_by("pk").first().ns_id
    hands.forward()
    company.client.update("customer", ns_id, {"companyName": "Changed meanwhile"})
    time_passes()
    synced()
    assert not Customer.objects.filter(companyname="Changed meanwhile").exists()

    synced()

    assert Customer.objects.get(companyname="Changed meanwhile").ns_id == ns_id


def test_while_one_runs_another_one_of_its_kind_does_not_begin(company: Books) -> None:
    seen: list[SyncLog | None] = []

    run_pass(CHANGES, report=lambda row: seen.append(run_pass(CHANGES)))

    assert set(seen) == {None}
    assert SyncLog.objects.get().status == "completed"


def test_one_that_was_taken_for_dead_and_goes_on_changes_nothing(company: Books) -> None:
    def overtaken(row: SyncLog) -> None:
        if row.pages == 3:
            time_passes()
            synced()
            Customer.objects.update(companyname="ours now")

    assert run_pass(CHANGES, report=overtaken) is None

    assert list(SyncLog.objects.order_by("pk").values_list("status", "pages")) == [("interrupted", 3), ("completed", 4)]
    assert set(Customer.objects.values_list("companyname", flat=True)) == {"ours now"}


def test_a_slice_ends_after_its_time_and_the_next_one_goes_on(company: Books) -> None:
    slices = [run_pass(CHANGES, seconds=0)]
    while slices[-1] is not None and slices[-1].status == "running":
        slices.append(run_pass(CHANGES, seconds=0))

    assert SyncLog.objects.count() == 1
    assert [row.pages for row in slices if row] == [1, 2, 3, 4, 5, 6, 7, 7]
    assert SyncLog.objects.get().rows_read == READ
    assert everything() == (CUSTOMERS, INVOICES, INVOICES)


@pytest.mark.parametrize("kind", [FULL, NIGHTLY])
def test_a_sliced_pass_finds_what_is_gone(company: Books, kind: str) -> None:
    synced()
    company.client.delete("invoice", Transaction.objects.order_by("pk").first().pk)

    row = run_pass(kind, seconds=0)
    while row is not None and row.status == "running":
        row = run_pass(kind, seconds=0)

    assert row is not None
    assert (row.status, row.rows_deleted) == ("completed", 1)
    assert Transaction.objects.count() == INVOICES - 1


def test_a_failed_pass_is_gone_on_with(company: Books, sandbox: Sandbox) -> None:
    def break_down(row: SyncLog) -> None:
        if row.pages == 3:
            sandbox.plant("error_before_commit", path="*suiteql", times=9)

    failed = run_pass(CHANGES, report=break_down, connect=connect)
    sandbox.heal()

    row = synced()

    assert failed is not None
    assert (failed.status, failed.pages, row.pages) == ("failed", 3, 4)
    assert everything() == (CUSTOMERS, INVOICES, INVOICES)


@pytest.mark.parametrize(("hours", "pages"), [(11, 4), (13, 7)])
def test_a_pass_that_failed_yesterday_is_begun_anew(company: Books, sandbox: Sandbox, hours: int, pages: int) -> None:
    def break_down(row: SyncLog) -> None:
        if row.pages == 3:
            sandbox.plant("error_before_commit", path="*suiteql")

    run_pass(CHANGES, report=break_down, connect=connect)
    failed = SyncLog.objects.get()
    SyncLog.objects.update(window_to=failed.window_to - timedelta(hours=hours))

    assert synced().pages == pages


@pytest.mark.django_db(transaction=True)
def test_of_several_that_begin_at_once_one_reads(shared_database: None, company: Books) -> None:
    barrier = Barrier(4)

    def begin() -> SyncLog | None:
        barrier.wait()
        try:
            return run_pass(CHANGES)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        rows = [one.result() for one in [threads.submit(begin) for _ in range(4)]]

    assert {row.status for row in rows if row is not None} == {"completed"}
    assert SyncLog.objects.filter(status="completed").count() == sum(row is not None for row in rows)
    assert SyncLog.objects.aggregate(written=Sum("rows_upserted"))["written"] == READ
    assert everything() == (CUSTOMERS, INVOICES, INVOICES)
