"""What should have happened and did not: a dead scheduler cannot report itself, so whoever looks finds it out.

Nothing here writes but `ended_well`. The answer comes from the rows as they stand, in two queries, and is computed when
a page is shown or `health` is called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery

from workflows_app.contracts.occurrences import first_occurrence
from workflows_app.contracts.problems import ContractErrors
from workflows_app.contracts.schema import CronTrigger
from workflows_app.models import CronOccurrence, Heartbeat, WorkflowContract
from workflows_app.models.ahead import AHEAD
from workflows_app.models.heartbeat import AWAKE, SET_UP
from workflows_app.runner.release import ReleaseError, contract_for

TICK: Final = "tick"
_OCCURRENCE_GRACE: Final = timedelta(minutes=5)
# How long after one pass the next one must have ended well: the period of its schedule and a grace.
_LONGEST: Final[Mapping[str, timedelta]] = {
    TICK: timedelta(minutes=1 + 4),
    "deliver": timedelta(minutes=1 + 14),
    "run_verify": timedelta(minutes=30 + 15),
    "sync_receivables": timedelta(minutes=15 + 30),
    "sync_changes": timedelta(minutes=15 + 30),
    "sync_nightly": timedelta(hours=24 + 2),
    "poll_mailbox": timedelta(minutes=1 + 29),
}
# The passes that the scheduler sets going, what does not happen without them, and the command that does it by hand.
PASSES: Final[Mapping[str, tuple[str, str]]] = {
    "deliver": ("No letter and no NetSuite push has been delivered", "deliver"),
    "run_verify": ("No verify check has been looked at", "run_verify"),
    "sync_receivables": ("NetSuite's invoices and payments have not been read", "sync_netsuite"),
    "sync_changes": ("What changed in NetSuite has not been read", "sync_netsuite"),
    "sync_nightly": ("What is gone from NetSuite has not been looked for", "sync_netsuite --full"),
    "poll_mailbox": ("The mailbox has not been looked into", "poll_mailbox"),
}
_START: Final = "start a cluster (python -m config.cluster), or find in its log why it ends"


@dataclass(frozen=True, kw_only=True)
class Silence:
    """One thing that should have happened.

    `what`: `tick`, one of `PASSES`, `cron:<workflow type>`, or `contract:<workflow type>` when its schedule cannot be
    read. `since`: when it was due, or ended well for the last time. `sentence`: what is wrong and what to do.
    """

    what: str
    since: datetime | None
    sentence: str


def silences(now: datetime) -> tuple[Silence, ...]:
    """Everything that is silent at `now`, the scheduler first. A heartbeat of a clock that was ahead is none."""
    beats = dict(Heartbeat.objects.filter(at__lte=now + AHEAD).values_list("name", "at"))
    return (*_scheduler(beats, now), *_passes(beats, now), *_occurrences(beats, now))


def ended_well(name: str, now: datetime) -> None:
    """Write down that a regular pass (`tick` or one of `PASSES`) ended well.

    The first tick after a long silence is remembered as the moment of waking: the other passes have their time from
    there, so that nothing cries out after a downtime which is over.
    """
    if name == TICK:
        last = Heartbeat.objects.filter(name=TICK).values_list("at", flat=True).first()
        if last is None or last > now + AHEAD or now - last > _LONGEST[TICK]:
            Heartbeat.objects.beat(AWAKE, now)
    Heartbeat.objects.beat(name, now)


def _scheduler(beats: Mapping[str, datetime], now: datetime) -> Iterator[Silence]:
    last, set_up = beats.get(TICK), beats.get(SET_UP)
    known = [moment for moment in (last, set_up) if moment]
    if known and now - max(known) <= _LONGEST[TICK]:
        return
    if last:
        stopped = f"The scheduler has been silent since {_spoken(last)}: nothing starts, is retried or expires"
        sentence = f"{stopped}; {_START}."
    elif set_up:
        sentence = f"The scheduler has not run yet, and was set up at {_spoken(set_up)}: {_START}."
    else:
        sentence = f"The scheduler has not run yet: run manage.py set_up once, then {_START}."
    yield Silence(what=TICK, since=last or set_up, sentence=sentence)


def _passes(beats: Mapping[str, datetime], now: datetime) -> Iterator[Silence]:
    """The other passes. Before the first tick of all, that one says enough."""
    awake = beats.get(AWAKE)
    for name, (what, command) in PASSES.items():
        known = [moment for moment in (beats.get(name), awake, beats.get(SET_UP)) if moment]
        if awake is None or now - max(known) <= _LONGEST[name]:
            continue
        last = beats.get(name)
        when = f"since {_spoken(last)}" if last else "yet"
        todo = (
            f"look for {name} under “Queue: failed” and in the log of the cluster; manage.py {command} does it by hand"
        )
        yield Silence(what=name, since=last or awake, sentence=f"{what} {when}: {todo}.")


def _occurrences(beats: Mapping[str, datetime], now: datetime) -> Iterator[Silence]:
    """Contracts whose schedule came due without a row: neither started nor recorded as missed."""
    set_up = beats.get(SET_UP)
    if set_up and now - set_up <= _OCCURRENCE_GRACE:
        return
    for row in _scheduled(now):
        try:
            trigger = contract_for(row).trigger
        except (ContractErrors, ReleaseError):
            yield _unreadable(row)
            continue
        if isinstance(trigger, CronTrigger):
            yield from _unstarted(row, trigger, now)


def _scheduled(now: datetime) -> QuerySet[WorkflowContract]:
    """The contracts that may have a schedule, each with its last occurrence until now (`last`), in one query."""
    reached = CronOccurrence.objects.reached(now).filter(workflow_type=OuterRef("workflow_type"))
    occurrences = reached.order_by("-scheduled_for")
    rows = WorkflowContract.objects.filter(active=True, paused=False).order_by("workflow_type")
    return rows.annotate(last=Subquery(occurrences.values("scheduled_for")[:1]))


def _unstarted(row: WorkflowContract, trigger: CronTrigger, now: datetime) -> Iterator[Silence]:
    since = row.active_since(now - _OCCURRENCE_GRACE)
    last: datetime | None = row.last  # type: ignore[attr-defined]  # annotated by _scheduled
    due = first_occurrence(trigger, max(since, last) if last else since, now - _OCCURRENCE_GRACE)
    if due:
        name = row.workflow_type
        todo = f"look at the alerts about {name} and at the log of the cluster; manage.py tick does a pass by hand"
        sentence = f"{name} was due at {_spoken(due)} and has not started: {todo}."
        yield Silence(what=f"cron:{name}", since=due, sentence=sentence)


def _unreadable(row: WorkflowContract) -> Silence:
    name = row.workflow_type
    sentence = f"{row} does not load, so nothing starts it: load a new version of {name}, or pause it."
    return Silence(what=f"contract:{name}", since=None, sentence=sentence)


def _spoken(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
