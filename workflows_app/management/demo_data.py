"""Loads the demo data of `fixtures/demo/` into an empty database; `fixtures/demo/dataset.py` describes its format.

Outside the demo nothing calls this. It writes mirror tables directly because there is no NetSuite behind the demo yet:
it stands for a first full sync.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from workflows_app.models import Customer, Transaction
from workflows_app.netsuite.aging import rebuild_aging

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "demo"
_BATCH = 2000
Changes = Mapping[str, Any]
_NO_CHANGES: Changes = {"set": {}, "add": [], "drop": []}


class NotEmptyError(Exception):
    """The database has customers already; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Turns the offsets of the data into dates, moments and school years around the moment of loading."""

    moment: datetime

    @property
    def anchor(self) -> date:
        """The day of loading."""
        return self.moment.date()

    def day(self, code: str) -> date:
        """`@-12`: days from the anchor; `~-12`: days from the Monday of its week; `Y-1`: start of a school year."""
        base, offset = code[0], int(code[1:])
        if base == "Y":
            return date(self._school_start(offset), 7, 1)
        monday = self.anchor - timedelta(days=self.anchor.weekday())
        return (self.anchor if base == "@" else monday) + timedelta(days=offset)

    def time(self, code: str) -> datetime:
        """`@-12T14:05`: a time of that day, UTC; `#-25`: minutes from the moment of loading."""
        if code[0] == "#":
            return self.moment + timedelta(minutes=int(code[1:]))
        day, _, hour = code.partition("T")
        return datetime.combine(self.day(day), clock.fromisoformat(hour), tzinfo=UTC)

    def school_year(self, offset: int) -> str:
        """0: the school year of the anchor, as `2026-27`."""
        start = self._school_start(offset)
        return f"{start}-{(start + 1) % 100:02}"

    def _school_start(self, offset: int) -> int:
        return self.anchor.year + offset - (0 if self.anchor.month >= 7 else 1)


def load_demo_data(moment: datetime, *, without_anomalies: bool = False, folder: Path = FOLDER) -> dict[str, int]:
    """Load everything around `moment` (aware, UTC) and rebuild the aging, in one transaction; rows per table.

    Raises `NotEmptyError` when any customer exists. `without_anomalies` leaves the planted anomalies out.
    """
    with transaction.atomic():
        if Customer.objects.exists():
            raise NotEmptyError
        counts = {
            table: _load_table(_model_of(table), rows)
            for table, rows in demo_rows(moment, without_anomalies=without_anomalies, folder=folder)
        }
        return counts | {"ar_aging": rebuild_aging(Calendar(moment=moment).anchor)}


def demo_rows(
    moment: datetime, *, without_anomalies: bool = False, folder: Path = FOLDER
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every table of the demo data by name, its rows with the values of its columns, around `moment`."""
    planted = {} if without_anomalies else json.loads((folder / "planted.json").read_text(encoding="utf-8"))
    calendar = Calendar(moment=moment)
    for path in sorted((folder / "data").glob("*.jsonl")):
        yield path.stem, _table_rows(path, planted.get(path.stem, _NO_CHANGES), calendar)


def loaded_at(now: datetime, folder: Path = FOLDER) -> datetime:
    """The moment around which the mirror's demo data was loaded, to the day; `now` when there is none.

    Found by the oldest transaction: nobody changes that one.
    """
    rows = next(rows for table, rows in demo_rows(now, folder=folder) if table == "transactions")
    oldest = min(rows, key=lambda row: row["lastmodifieddate"])
    found = Transaction.objects.filter(id=oldest["id"], lastmodifieddate__isnull=False).first()
    if found is None or found.lastmodifieddate is None:
        return now
    return now + timedelta(days=(found.lastmodifieddate.date() - oldest["lastmodifieddate"].date()).days)


def _table_rows(path: Path, changes: Changes, calendar: Calendar) -> list[dict[str, Any]]:
    model = _model_of(path.stem)
    with path.open(encoding="utf-8") as file:
        columns = json.loads(next(file))
        converters = {name: _converter(model, name, calendar) for name in columns}
        rows = _changed((dict(zip(columns, json.loads(line), strict=True)) for line in file), changes, model)
        return [{name: converters[name](value) for name, value in row.items()} for row in rows]


def _load_table(model: type[models.Model], rows: list[dict[str, Any]]) -> int:
    instances = [model(**row) for row in rows]
    return len(model._default_manager.bulk_create(instances, batch_size=_BATCH))


def _model_of(table: str) -> type[models.Model]:
    return next(model for model in apps.get_app_config("workflows_app").get_models() if model._meta.db_table == table)


def _changed(rows: Iterator[dict[str, Any]], changes: Changes, model: type[models.Model]) -> Iterator[dict[str, Any]]:
    """The rows with the planted changes made."""
    key, dropped = model._meta.pk.attname if model._meta.pk else "id", set(changes["drop"])
    for row in rows:
        name = row.get(key)
        if name not in dropped:
            yield row | changes["set"].get(name, {})
    yield from changes["add"]


def _converter(model: type[models.Model], name: str, calendar: Calendar) -> Callable[[Any], Any]:
    """How a value of the data becomes one of the column: by the type of the column, never by the looks of the value."""
    column = model._meta.get_field(name)
    if name == "school_year":
        return calendar.school_year
    if isinstance(column, models.DateTimeField):
        return lambda value: None if value is None else calendar.time(value)
    if isinstance(column, models.DateField):
        return lambda value: None if value is None else calendar.day(value)
    return lambda value: value
