"""Which row of ours a record of NetSuite means, and what a row is called when its name is taken.

NetSuite lets a name be used again: an item is renamed and replaced by a new one, two terms have one name. Our keys and
unique names cannot, so the record that comes second is called `<name>-<NetSuite's id>`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import Model, Q, QuerySet

from workflows_app.models import PendingPush, Transaction
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Record, UnreadableError

Row = dict[str, Any]
_UNDER_WAY = ("pending", "in_flight", "retrying", "outcome_unknown")


class Existing:
    """Our rows that a page of records may mean, and the names that are taken."""

    def __init__(self, mirror: Mirror, records: Sequence[Record]) -> None:
        self._mirror = mirror
        self._has_ns_id = bool(ns_id_column(mirror.model))
        self._name = mirror.natural[0] if mirror.natural else ""
        rows = list(self._rows(records))
        self._by_ns_id = {row.ns_id: row for row in rows if row.ns_id} if self._has_ns_id else {}  # type: ignore[attr-defined]
        self._by_key = {str(row.pk): row for row in rows}
        self._by_name = {getattr(row, self._name): row for row in rows} if self._name else {}
        self._taken: set[str] = set()
        self._keys = set(self._by_key)
        # Who has a name, or had it when the page was begun: two rows never change names within one statement.
        self._names = {name: str(row.pk) for name, row in self._by_name.items()}
        self._awaited = _awaited(mirror.push_type, self._by_key)

    def take(self, record: Record) -> Model | None:
        """The row of a record, once: two records never mean the same row."""
        for row in self._candidates(record):
            if row is not None and str(row.pk) not in self._taken:
                self._taken.add(str(row.pk))
                return row
        return None

    def free_key(self, record: Record) -> str:
        """The key of a new row."""
        key = _first(record, (name for name in self._calls(record, self._mirror.key) if name not in self._keys))
        self._keys.add(key)
        return key

    def distinct(self, row: Row, record: Record, ours: Model | None) -> Row:
        """The row with a name that no other row has; `ours` is the row that it becomes, None for a new one."""
        if self._name not in row:
            return row  # the key itself, or no name that has to be unique
        mine = (None, str(ours.pk)) if ours is not None else (None,)
        called = [row[self._name], *self._calls(record, self._mirror.natural[1])[1:]] if self._mirror.natural else []
        name = _first(record, (name for name in called if self._names.get(name) in mine))
        self._names[name] = str(ours.pk) if ours is not None else f"new {record['id']}"
        return row | {self._name: name}

    def is_awaited(self, row: Model) -> bool:
        """Whether NetSuite has yet to be told what was approved: until then its answer is the older one."""
        return str(row.pk) in self._awaited

    def _calls(self, record: Record, column: str) -> list[str]:
        """What a record may be called, as its column holds it: its name, and that with its id."""
        ours = key_column(self._mirror.model) if column == self._mirror.key else self._name
        return names(record.get(column) or record["id"], record["id"], lengths(self._mirror.model)[ours])

    def _candidates(self, record: Record) -> Iterator[Model | None]:
        yield self._by_ns_id.get(record["id"])
        yield self._by_key.get(record.get("externalid", "").lower())
        same = self._by_key.get(record["id"]) if self._mirror.key == "id" else None
        yield same if same is not None and not getattr(same, "ns_id", None) else None
        named = self._by_name.get(self._calls(record, self._mirror.natural[1])[0]) if self._mirror.natural else None
        # A row that NetSuite knows under another id is another record that has, or had, this name.
        yield named if named is not None and not getattr(named, "ns_id", None) else None

    def _rows(self, records: Sequence[Record]) -> "QuerySet[Model]":
        ids = [record["id"] for record in records]
        externals = [record["externalid"].lower() for record in records if record.get("externalid")]
        keys = [name for record in records for name in self._calls(record, self._mirror.key)]
        wanted = Q(pk__in=[*ids, *externals, *keys])
        if self._has_ns_id:
            wanted |= Q(ns_id__in=ids)
        if self._mirror.natural:
            ours, theirs = self._mirror.natural
            wanted |= Q(**{f"{ours}__in": [name for record in records for name in self._calls(record, theirs)]})
        return self._mirror.model._default_manager.filter(wanted)


def _first(record: Record, free: Iterator[str]) -> str:
    for name in free:
        return name
    raise UnreadableError(f"record {record['id']}: every name that it could have is taken.")


def names(name: str, ns_id: str, length: int | None) -> list[str]:
    """A name and two more for when it is taken, each within a length; the ids make them differ.

    >>> names("APPLE", "12", 8)
    ['APPLE', 'APPLE-12', '12-12']
    """
    ends = (f"-{ns_id}", f"{ns_id}-{ns_id}")
    shortened = name if length is None else name[: length - len(ends[0])]
    return [name[:length], shortened + ends[0], ends[1]]


def cut(model: type[Model], row: Row) -> Row:
    """The row with its texts cut to the lengths of our columns."""
    most = lengths(model)
    return {name: value[: most[name]] if isinstance(value, str) else value for name, value in row.items()}


@cache
def lengths(model: type[Model]) -> Mapping[str, int | None]:
    """How many characters each column of a table holds; None: any number."""
    return {field.attname: getattr(field, "max_length", None) for field in model._meta.concrete_fields}


def key_column(model: type[Model]) -> str:
    """The column that is the key."""
    return str(model._meta.pk.attname)


def ns_id_column(model: type[Model]) -> tuple[str, ...]:
    """The column of NetSuite's id, where the key is not that id already."""
    return () if model is Transaction else ("ns_id",)


def _awaited(record_type: str, keys: Iterable[str]) -> set[str]:
    if not record_type:
        return set()
    pushes = PendingPush.objects.filter(record_type=record_type, external_id__in=list(keys), status__in=_UNDER_WAY)
    return set(pushes.values_list("external_id", flat=True))
