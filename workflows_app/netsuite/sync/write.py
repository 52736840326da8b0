"""The writer of the mirror: compares what NetSuite says with our rows and writes what differs.

One of the named writers of DESIGN.md section 2. Everything here belongs into one transaction under the shared lock,
so that nothing lands between the comparing and the writing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model

from workflows_app.models import Customer, CustomerPayment, SpecItem, TransactionLine
from workflows_app.netsuite.sync.declarations import lines, payments
from workflows_app.netsuite.sync.matching import Existing, Row, cut, key_column, ns_id_column
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Reading, Record

_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a page came to, in rows of ours."""

    read: int = 0
    upserted: int = 0
    deleted: int = 0
    skipped: tuple[str, ...] = ()  # table and NetSuite's id of each record that could not be written

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            read=self.read + other.read,
            upserted=self.upserted + other.upserted,
            deleted=self.deleted + other.deleted,
            skipped=self.skipped + other.skipped,
        )


def write_records(mirror: Mirror, records: Sequence[Record], reading: Reading) -> tuple[Counts, dict[str, str]]:
    """Insert and update the rows of a page of records.

    Also our keys by NetSuite's ids, of all but the records that were read before our rows were confirmed.
    """
    unique = list({record["id"]: record for record in reversed(records)}.values())[::-1]
    reading = replace(reading, known=_known(mirror.references, unique))
    found = Existing(mirror, unique)
    fresh: list[Model] = []
    changed: list[Model] = []
    keys: dict[str, str] = {}
    for record in unique:
        row = _facts(mirror, record, reading)
        ours = found.take(record)
        row = found.distinct(row, record, ours)
        if ours is None:
            key = {key_column(mirror.model): found.free_key(record)}
            ours = mirror.model(**key | row | mirror.born(record, reading))
            fresh.append(ours)
        elif _is_newer(ours, row, reading):
            continue
        elif not found.is_awaited(ours) and _differs(ours, row):
            changed.append(ours)
        keys[record["id"]] = str(ours.pk)
    _insert(mirror.model, fresh)
    _update(mirror.model, changed, [*mirror.columns, *ns_id_column(mirror.model)])
    return Counts(read=len(records), upserted=len(fresh) + len(changed)), keys


def write_lines(found: Iterable[Record], parents: Mapping[str, tuple[str, str]], reading: Reading) -> Counts:
    """Make the lines of transactions those that were read; `parents`: our key and the type by NetSuite's id."""
    found = list(found)
    reading = replace(reading, known=_known((("item", SpecItem),), found))
    rows = {}
    for record in found:
        key, kind = parents[record["parent"]]
        row = lines.row(record, kind, key, reading)
        rows[key, row["line"]] = {"id": record["id"], **row}
    owners = [key for key, _ in parents.values()]
    return _write_parts(TransactionLine, ("transaction_id", "line"), owners, rows) + Counts(read=len(found))


def write_payments(
    found: Sequence[Record], links: Iterable[Record], parents: Mapping[str, str], reading: Reading
) -> Counts:
    """Make the rows of payments those that were read; `parents`: our key of the payment by NetSuite's id."""
    links = list(links)
    reading = replace(reading, known=_known((("entity", Customer),), found))
    applied = payments.applied(links)
    rows = {
        (row["payment_id"], row["transaction_id"]): row
        for record in found
        for row in payments.rows(record, applied.get(record["id"], {}), parents[record["id"]], reading)
    }
    owners = list(parents.values())
    return _write_parts(CustomerPayment, ("payment_id", "transaction_id"), owners, rows) + Counts(read=len(links))


def remove(mirror: Mirror, keys: Sequence[str]) -> Counts:
    """Do to rows whose record is gone what the declaration says; rows that need nothing are not counted."""
    rows = mirror.model._default_manager.filter(pk__in=keys)
    if mirror.gone:
        return Counts(deleted=rows.exclude(**mirror.gone).update(**mirror.gone))
    kept: set[str] = set()
    for model, column in mirror.held_by:
        pointing = model._default_manager.filter(**{f"{column}__in": keys})
        kept.update(pointing.values_list(column, flat=True).distinct())
    doomed = [key for key in keys if key not in kept]
    for model, column in mirror.parts:
        model._default_manager.filter(**{f"{column}__in": doomed}).delete()
    deleted = mirror.model._default_manager.filter(pk__in=doomed).delete()[1]
    return Counts(deleted=deleted.get(mirror.model._meta.label, 0))


def _facts(mirror: Mirror, record: Record, reading: Reading) -> Row:
    """NetSuite's columns of a record, cut to what ours hold."""
    row = cut(mirror.model, {name: make(record, reading) for name, make in mirror.columns.items()})
    return row | dict.fromkeys(ns_id_column(mirror.model), record["id"])


def _known(references: Iterable[tuple[str, type[Model]]], records: Iterable[Record]) -> Mapping[type[Model], Any]:
    """Our keys by NetSuite's ids, for everything that the records refer to."""
    records = list(records)
    known = {}
    for column, model in references:
        ids = {record[column] for record in records if record.get(column)}
        known[model] = dict(model._default_manager.filter(ns_id__in=ids).values_list("ns_id", "pk"))
    return known


def _is_newer(ours: Model, row: Row, reading: Reading) -> bool:
    """Whether our row was confirmed after what was read: a page that was read before a push landed says nothing."""
    known, read = getattr(ours, "lastmodifieddate", None), row.get("lastmodifieddate")
    return bool(known and read and known > read and not reading.zone.comes_twice(read))


def _differs(ours: Model, row: Row) -> bool:
    """Whether anything has to be written; sets it."""
    changes = {name: value for name, value in row.items() if getattr(ours, name) != value}
    for name, value in changes.items():
        setattr(ours, name, value)
    return bool(changes)


def _write_parts(
    model: type[Model], names: tuple[str, str], owners: Sequence[str], rows: Mapping[tuple[str, Any], Row]
) -> Counts:
    """Make the rows of some owners those in `rows`, by owner and number; a row that is there keeps its id."""
    there = {
        (getattr(row, names[0]), getattr(row, names[1])): row
        for row in model._default_manager.filter(**{f"{names[0]}__in": owners})
    }
    short = {key: cut(model, row) for key, row in rows.items()}
    surplus = [row.pk for key, row in there.items() if key not in rows]
    deleted = model._default_manager.filter(pk__in=surplus).delete()[0] if surplus else 0
    fresh = [model(**row) for key, row in short.items() if key not in there]
    columns = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    changed = [
        there[key]
        for key, row in short.items()
        if key in there and _differs(there[key], {name: row[name] for name in columns})
    ]
    _insert(model, fresh)
    _update(model, changed, columns)
    return Counts(upserted=len(fresh) + len(changed), deleted=deleted)


def _insert(model: type[Model], rows: Sequence[Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=_BATCH)


def _update(model: type[Model], rows: Sequence[Model], columns: Sequence[str]) -> None:
    """One statement per batch; much faster than `bulk_update`, and only these columns change."""
    model._default_manager.bulk_create(
        rows, batch_size=_BATCH, update_conflicts=True, update_fields=columns, unique_fields=[key_column(model)]
    )
