"""A record that our tables cannot hold does not stop the others: it is left out, and an alert names it.

Only when a page cannot be written as a whole is it written record by record, each under its own savepoint. When most
of them fail, the fault is not in the records, and the pass fails.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import DataError, IntegrityError, transaction

from workflows_app.models import Alert
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Reading, Record, UnreadableError
from workflows_app.netsuite.sync.write import Counts

# What one record can cause by what is in it. A database that is away or locked is none of these.
_OF_THE_RECORD = (UnreadableError, DataError, IntegrityError, ArithmeticError, ValueError, LookupError)
_FEW = 4
_KIND = "sync_skipped"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What was read in one go, to be written in one transaction; `last` is the key to go on after."""

    last: str
    records: Sequence[Record]
    asked: Mapping[str, str] = field(default_factory=dict)  # our keys by NetSuite's ids, when rows were asked for
    lines: Sequence[Record] = ()
    links: Sequence[Record] = ()


Write = Callable[[Mirror, Page, Reading], Counts]


def written(write: Write, mirror: Mirror, page: Page, reading: Reading) -> Counts:
    """Write a page, inside the caller's transaction, without the records that cannot be written."""
    try:
        with transaction.atomic():
            counts = write(mirror, page, reading)
    except _OF_THE_RECORD:
        return _one_by_one(write, mirror, page, reading)
    _forgive(mirror, (record["id"] for record in page.records), reading)
    return counts


def _one_by_one(write: Write, mirror: Mirror, page: Page, reading: Reading) -> Counts:
    """Raises the last error when most records fail."""
    counts = Counts()
    skipped: dict[str, Exception] = {}
    for single in _singles(page):
        ns_id = single.records[0]["id"]
        try:
            with transaction.atomic():
                counts += write(mirror, single, reading)
        except _OF_THE_RECORD as error:
            skipped[ns_id] = error
            if len(skipped) > max(_FEW, len(page.records) // 2):
                raise
    _forgive(mirror, (record["id"] for record in page.records if record["id"] not in skipped), reading)
    for ns_id, reason in skipped.items():
        _alert(mirror, ns_id, reason, reading)
    return counts + Counts(read=len(skipped), skipped=tuple(f"{mirror.table} {ns_id}" for ns_id in skipped))


def _singles(page: Page) -> Iterator[Page]:
    """A page for each record, with its lines and links."""
    lines, links = _grouped(page.lines, "parent"), _grouped(page.links, "id")
    for ns_id, records in _grouped(page.records, "id").items():
        yield replace(page, records=records, lines=lines.get(ns_id, ()), links=links.get(ns_id, ()))


def _grouped(records: Iterable[Record], column: str) -> Mapping[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record[column]].append(record)
    return found


def _alert(mirror: Mirror, ns_id: str, error: Exception, reading: Reading) -> None:
    words = " ".join(str(error).split())[:500] or type(error).__name__
    message = (
        f"Number {ns_id} of NetSuite could not be copied to {mirror.table}, the others were: {words} Correct it in "
        "NetSuite; it is read again when it changes, and by manage.py sync_netsuite --full."
    )
    Alert.objects.raise_alert(_key(mirror, ns_id), kind=_KIND, message=message, now=reading.now)


def _forgive(mirror: Mirror, ns_ids: Iterable[str], reading: Reading) -> None:
    """Close the alerts about records that could be written now."""
    alerts = Alert.objects.filter(kind=_KIND, resolved_at=None, key__startswith=_key(mirror, ""))
    known = set(alerts.values_list("key", flat=True))
    over = known and known.intersection(_key(mirror, ns_id) for ns_id in ns_ids)
    if over:
        alerts.filter(key__in=over).resolve(reading.now)


def _key(mirror: Mirror, ns_id: str) -> str:
    return f"{_KIND}:{mirror.table}:{ns_id}"
