"""The parts of a pass. Each reads pages from NetSuite without a transaction, and writes each page within one.

Nothing outlives a page, so memory is bounded by the size of one: 1,000 rows, or 500 transactions with all their
lines.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from django.db.models import Model, Q, QuerySet

from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.sync.declarations import lines, payments
from workflows_app.netsuite.sync.matching import ns_id_column
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.skipping import Page, written
from workflows_app.netsuite.sync.values import Reading
from workflows_app.netsuite.sync.write import Counts, remove, write_lines, write_payments, write_records

_PAGE = 1000
_WITH_PARTS = 500  # transactions a page, because their lines come with them
_ASKED = 500  # ids in one question; Oracle takes a thousand
_FEW = 4


class TooManyGoneError(Exception):
    """Most of what was asked for is not there: more likely a lost permission than a deletion."""


class Stage(Protocol):
    """A part of a pass."""

    @property
    def name(self) -> str:
        """How `sync_log` calls it."""

    def read(self, client: NetSuite, after: str) -> Iterator[Page]:
        """The pages after a key; the empty key is the beginning."""

    def write(self, page: Page, reading: Reading) -> Counts:
        """Write a page, inside the caller's transaction."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of a table that NetSuite has: all of them, or those that meet a condition."""

    mirror: Mirror
    condition: str = ""
    params: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The table."""
        return self.mirror.table

    def read(self, client: NetSuite, after: str) -> Iterator[Page]:
        """Page by page, by NetSuite's id."""
        pages = client.pages(self.mirror.sql(self.condition), after=after or "0", params=self.params, size=_PAGE)
        for found in pages:
            yield Page(last=found[-1]["id"], records=found)

    def write(self, page: Page, reading: Reading) -> Counts:
        """Insert and update."""
        return written(_write_rows, self.mirror, page, reading)


@dataclass(frozen=True, kw_only=True)
class WithParts(Rows):
    """Transactions, each with all its lines or with what it pays for."""

    label: str = ""

    @property
    def name(self) -> str:
        """The table, or what was given: two parts of a pass may read the same table."""
        return self.label or super().name

    def read(self, client: NetSuite, after: str) -> Iterator[Page]:
        """Page by page; the lines and links of a page are read right after it."""
        sql = self.mirror.sql(self.condition)
        for found in client.pages(sql, after=after or "0", params=self.params, size=_WITH_PARTS):
            yield with_parts(client, Page(last=found[-1]["id"], records=found))

    def write(self, page: Page, reading: Reading) -> Counts:
        """Transactions, lines and payments together."""
        return written(write_with_parts, self.mirror, page, reading)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Our rows, asked for by their ids: those that NetSuite does not have any more are gone.

    `whole`: what is there is read again as well. `accept_gone`: however many are gone.
    """

    mirror: Mirror
    label: str
    only: Q = field(default_factory=Q)
    whole: bool = False
    accept_gone: bool = False

    @property
    def name(self) -> str:
        """What was given."""
        return self.label

    def read(self, client: NetSuite, after: str) -> Iterator[Page]:
        """Page by page, by our key."""
        while rows := self._rows(after):
            after = rows[-1][1]
            asked = {ns_id: key for ns_id, key in rows if ns_id.isdecimal()}
            found = self._found(client, asked) if asked else []
            page = Page(last=after, records=found, asked=asked)
            yield with_parts(client, page) if self.whole else page

    def _found(self, client: NetSuite, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        condition = f"{self.mirror.alias}.id IN ({_listed(asked)})"
        sql = self.mirror.sql(condition) if self.whole else self.mirror.ids_sql(condition)
        return [record for page in client.pages(sql, size=_PAGE) for record in page]

    def write(self, page: Page, reading: Reading) -> Counts:
        """Remove what is gone; write what was read again. Raises `TooManyGoneError`."""
        there = {record["id"] for record in page.records}
        gone = [key for ns_id, key in page.asked.items() if ns_id not in there]
        if self._unlikely(gone, page) and not self.accept_gone:
            raise TooManyGoneError(
                f"{len(gone)} of {len(page.asked)} rows of {self.mirror.table} are not in NetSuite any more. Has the "
                "role lost a permission? If they are deleted there: manage.py sync_netsuite --full --accept-deletions."
            )
        counts = Counts(read=len(there))
        if self.whole:
            counts = written(write_with_parts, self.mirror, page, reading)
        return counts + remove(self.mirror, gone)

    def _unlikely(self, gone: Sequence[str], page: Page) -> bool:
        """Whether most of a page is gone, or all of a small table."""
        if len(gone) > max(_FEW, len(page.asked) // 2):
            return True
        return len(gone) == len(page.asked) > 1 and self._asked().count() == len(gone)

    def _rows(self, after: str) -> list[tuple[str, str]]:
        """NetSuite's id and our key of the next rows that NetSuite may know."""
        return list(self._asked().filter(pk__gt=after).order_by("pk").values_list(self._ns_id, "pk")[:_ASKED])

    def _asked(self) -> "QuerySet[Model]":
        """The rows to ask for: not those that were found gone before, if nothing else is to be read of them."""
        rows = self.mirror.model._default_manager.filter(self.only, **{f"{self._ns_id}__isnull": False})
        return rows.exclude(**self.mirror.gone) if self.mirror.gone else rows

    @property
    def _ns_id(self) -> str:
        return next(iter(ns_id_column(self.mirror.model)), "pk")


def with_parts(client: NetSuite, page: Page) -> Page:
    """The page with the lines of its transactions, and with what its payments are applied to."""
    paying = {record["id"]: "" for record in page.records if record["type"] == "CustPymt"}
    others = {record["id"]: "" for record in page.records if record["type"] != "CustPymt"}
    lined = client.pages(lines.sql(_listed(others)), size=_PAGE) if others else ()
    linked = _by_offset(client, payments.sql(_listed(paying))) if paying else ()
    return replace(
        page,
        lines=[record for some in lined for record in some],
        links=[record for some in linked for record in some],
    )


def write_with_parts(mirror: Mirror, page: Page, reading: Reading) -> Counts:
    """Write a page of transactions with everything that came with it.

    Nothing is written of a transaction that we know to have changed since it was read: neither header nor lines.
    """
    counts, keys = write_records(mirror, page.records, reading)
    fresh = [one for one in page.records if one["id"] in keys]
    others = {one["id"]: (keys[one["id"]], one["type"]) for one in fresh if one["type"] != "CustPymt"}
    paying = [one for one in fresh if one["type"] == "CustPymt"]
    counts += write_lines([line for line in page.lines if line["parent"] in others], others, reading)
    return counts + write_payments(paying, page.links, {one["id"]: keys[one["id"]] for one in paying}, reading)


def _write_rows(mirror: Mirror, page: Page, reading: Reading) -> Counts:
    return write_records(mirror, page.records, reading)[0]


def _by_offset(client: NetSuite, sql: str) -> Iterator[list[dict[str, Any]]]:
    """Links have no key of their own; those of one page of payments are few."""
    offset, more = 0, True
    while more:
        page = client.query(sql, limit=_PAGE, offset=offset)
        yield page.items
        offset, more = offset + _PAGE, page.has_more


def _listed(ids: Mapping[str, Any]) -> str:
    """Ids inside a query. They are digits: nothing else gets in."""
    return ", ".join(str(int(one)) for one in ids)
