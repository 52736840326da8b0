"""A read-only smoke test: login, clock, every table that sync reads, every record type that is pushed, time zone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from approvals.clock import database_now
from workflows_app.netsuite.client import NetSuite, Page
from workflows_app.netsuite.errors import NetSuiteError
from workflows_app.netsuite.mirrors import MIRRORS
from workflows_app.netsuite.sync.declarations import lines, payments
from workflows_app.netsuite.sync.kinds import mirrors
from workflows_app.netsuite.zone_check import zone_finding

# The window of a sync begins a day earlier; a clock that is minutes off is still worth a look.
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was tried, whether it works, and what was seen or what NetSuite said."""

    what: str
    works: bool
    words: str


def findings(client: NetSuite) -> Iterator[Finding]:
    """Try one thing after the other. Nothing is changed, here or there; without a login the rest is not tried."""
    first = _tried("login and clock", partial(_clock, client))
    yield first
    if not first.works:
        return
    for mirror in mirrors():
        yield _tried(f"read {mirror.table}", partial(_query, client, mirror.sql()))
    yield _tried("read transaction_lines", partial(_lines, client))
    yield _tried("read customer_payments", partial(_links, client))
    for record_type in MIRRORS:
        yield _tried(f"open a {record_type}", partial(_open, client, record_type))
    yield _tried("time zone", partial(_zone, client))


def _tried(what: str, attempt: Callable[[], Finding | str]) -> Finding:
    try:
        found = attempt()
    except NetSuiteError as error:
        return Finding(what=what, works=False, words=error.message)
    return found if isinstance(found, Finding) else Finding(what=what, works=True, words=found)


def _clock(client: NetSuite) -> Finding:
    off = abs(client.server_time() - database_now())
    words = f"account {client.account.name} at {client.account.url}; its clock and ours differ by {_seconds(off)}"
    return Finding(what="login and clock", works=off < _CLOCKS_DIFFER, words=words)


def _zone(client: NetSuite) -> Finding:
    works, words = zone_finding(client)
    return Finding(what="time zone", works=works, words=words)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.0f} s"


def _query(client: NetSuite, sql: str) -> str:
    page = client.query(sql, ["0"], limit=1)
    return "at least one row" if page.items else "the query works; no row"


def _lines(client: NetSuite) -> str:
    """Read the lines of a real invoice: a column or a permission that is missing may show only there."""
    found = _transaction(client, "CustInvc")
    page = client.query(lines.sql(found or "0"), ["0"], limit=1)
    return _read_of(found, "invoice", page)


def _links(client: NetSuite) -> str:
    """Read what a real payment is applied to."""
    found = _transaction(client, "CustPymt")
    page = client.query(payments.sql(found or "0"), limit=1)
    return _read_of(found, "payment", page)


def _transaction(client: NetSuite, kind: str) -> str:
    """The internal id of some transaction of a type; nothing when there is none."""
    page = client.query("SELECT t.id FROM transaction t WHERE t.type = ? ORDER BY t.id DESC", [kind], limit=1)
    return next((str(int(row["id"])) for row in page.items), "")


def _read_of(found: str, what: str, page: Page) -> str:
    if not found:
        return f"the query works; there is no {what} yet to try it with"
    return f"{what} number {found}: {'at least one row' if page.items else 'the query works; no row'}"


def _open(client: NetSuite, record_type: str) -> str:
    """Open the first record of a type with its lines."""
    found = client.first_id(record_type)
    if not found:
        return "there is none yet to open"
    client.get(record_type, found, expand=True)
    return f"number {found}"
