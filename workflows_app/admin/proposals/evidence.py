"""What the run read before it planned: its context as tables, and how old the mirror was then and is now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from approvals.canonical import parse, to_json
from workflows_app.contracts.values import thaw
from workflows_app.models import SyncLog, WorkflowRun
from workflows_app.netsuite.sync.kinds import CHANGES, HOT
from workflows_app.presentation import moments, words
from workflows_app.presentation.card import names_in
from workflows_app.presentation.names import LookUp, named
from workflows_app.presentation.values import Field, Grid, Shown, fields, grid, is_table, show

_MOST_ROWS: Final = 20
_LONGEST: Final = 2_000_000  # characters of context; a longer one is read on the run's page
_KINDS: Final = {CHANGES: "Everything that changes", HOT: "Receivables"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One entry of the context: rows in `grid`, one row in `fields`, or one `value`."""

    title: str
    note: str
    grid: Grid | None = None
    fields: tuple[Field, ...] = ()
    value: Shown | None = None


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How old one kind of mirrored data was when it was read, and is now."""

    what: str
    then: str
    now: str


def sources(run: WorkflowRun | None, look_up: LookUp) -> tuple[Source, ...]:
    """Everything that the run's queries and providers gave, a bounded number of rows of each."""
    if run is None or len(run.context) > _LONGEST:
        return ()
    context = to_json(thaw(parse(run.context)))
    shown = {name: _bounded(value) for name, value in context.items()}
    shown = named(shown, names_in(shown, look_up))
    return tuple(_source(name, shown[name], value) for name, value in context.items())


def freshness(read_at: datetime, now: datetime) -> tuple[Freshness, ...]:
    """The mirror's age at `read_at` and at `now`, by kind of sync; nothing for a kind that never ran."""
    return tuple(_freshness(read_at, now))


def _freshness(read_at: datetime, now: datetime) -> Iterator[Freshness]:
    for kind, title in _KINDS.items():
        passes = SyncLog.objects.filter(sync_type=kind, completed_at__isnull=False).order_by("-completed_at")
        moments_of = passes.values_list("completed_at", flat=True)
        then, last = moments_of.filter(completed_at__lte=read_at).first(), moments_of.first()
        if last is not None:
            before = (
                "never read by then" if then is None else f"{moments.span(read_at - then)} old when this was planned"
            )
            yield Freshness(what=title, then=before, now=f"read last {moments.age(last, now)}")


def _bounded(value: Any) -> Any:
    return value[:_MOST_ROWS] if isinstance(value, list) else value


def _source(name: str, value: Any, whole: Any) -> Source:
    title = words.sentence(name)
    if is_table(value):
        more = len(whole) - len(value)
        note = words.counted(len(whole), "row") + (f", the first {len(value)} are shown" if more else "")
        return Source(title=title, note=note, grid=grid([_flat(row) for row in value]))
    if isinstance(value, Mapping):
        return Source(title=title, note="one row", fields=fields(value))
    return Source(title=title, note="" if value not in (None, []) else "nothing found", value=show(value, column=name))


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a table; what is nested in it is counted, so that the table stays one."""
    return {name: words.counted(len(value), "row") if is_table(value) else value for name, value in row.items()}
