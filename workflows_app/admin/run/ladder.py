"""Where each effect of a run stands: one ladder for each, with only the rungs that it can climb."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby, islice
from typing import Any, Final

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse
from django.utils.timezone import localtime

from approvals.canonical import parse
from approvals.models import ProposedAction
from workflows_app.admin.run import rungs
from workflows_app.admin.run.names import place
from workflows_app.admin.run.rungs import Rung
from workflows_app.admin.run.story import Story
from workflows_app.admin.run.verified import Looks, looks_at
from workflows_app.presentation import words
from workflows_app.presentation.effects import present

Data = Mapping[str, Any]
MOST: Final = 60
"""So many ladders are shown at most."""


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """One effect, or neighbours that do the same to one table, with its rungs from the lowest to the highest.

    `about`: the step that it comes from. `earlier`: the run that did it, when this one did not have to.
    """

    title: str
    about: str
    rungs: tuple[Rung, ...]
    earlier: str = ""

    @property
    def top(self) -> Rung:
        """How far it has come: the first rung that is not climbed, or the highest."""
        return next((rung for rung in self.rungs if rung.state != "done"), self.rungs[-1])


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One rung in its column, and what to say about it; `rung` is None where an effect has no such rung."""

    column: str
    rung: Rung | None
    told: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A ladder as a row of a table."""

    ladder: Ladder
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Ladders:
    """The first of them, as a table with a column for each kind of rung; `more`: how many are not shown."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    more: int


_COLUMNS: Final = ("planned", "proposed", "approved", "applied", "sent", "confirmed", "verified")


def read_ladders(story: Story) -> Ladders:
    """The ladders of a run, in the order of its plan, then of what its steps proposed."""
    found = _Effects(story).ladders()
    shown = tuple(islice(found, MOST))
    used = {rung.name for ladder in shown for rung in ladder.rungs}
    columns = tuple(name for name in _COLUMNS if name in used)
    day = localtime(story.run.queued_at).date()
    return Ladders(columns=columns, rows=tuple(_row(one, columns, day) for one in shown), more=sum(1 for _ in found))


def _row(ladder: Ladder, columns: tuple[str, ...], day: date) -> Row:
    by_name = {rung.name: rung for rung in ladder.rungs}
    cells = tuple(
        Cell(column=name, rung=by_name.get(name), told=by_name[name].told(day) if name in by_name else "")
        for name in columns
    )
    return Row(ladder=ladder, cells=cells)


class _Effects:
    """The effects of one run with what is known of each."""

    def __init__(self, story: Story) -> None:
        self._story = story
        self._letters = {letter.pk: letter for letter in story.letters}
        self._replaced = frozenset(letter.replaces_id for letter in story.letters if letter.replaces_id)
        self._pushes = {push.pk: push for push in story.pushes}
        self._looks: Looks = looks_at(story.contract, story.verify)

    def ladders(self) -> "Iterator[Ladder]":
        """Lazily, so that what is not shown is only counted."""
        for item in self._story.plan:
            if "reused" in item:
                yield from self._reused(item)
            else:
                yield from self._planned(item)
        for leaf in self._story.leaves:
            if leaf.status != "superseded":
                yield from self._leaf(leaf)

    @cached_property
    def _staged(self) -> frozenset[tuple[str, str]]:
        return frozenset((leaf.step, leaf.item) for leaf in self._story.leaves)

    @cached_property
    def _beginning(self) -> tuple[Rung, ...]:
        """Proposed and approved, of everything in the plan."""
        gate = self._story.gate
        if gate is None:
            return (Rung(name="planned", state="done", at=self._planned_at()),)
        href = _url(gate)
        decision = self._story.decided.get(gate.pk)
        return (
            Rung(name="proposed", state="done", at=gate.proposed_at, href=href),
            rungs.approved(gate, decision, href),
        )

    def _planned_at(self) -> datetime | None:
        return next((entry.at for entry in self._story.history if entry.from_status == "queued"), None)

    def _reused(self, item: Data) -> Iterator[Ladder]:
        done = (Rung(name="applied", state="done", note="in the run that this one continues"),)
        for members in _alike(item["reused"]["effects"]):
            yield self._ladder(members, item, done, earlier=str(item["reused"]["run"]))

    def _planned(self, item: Data) -> Iterator[Ladder]:
        record = self._story.records.get((item["step"], item["item"]))
        for members in _alike(item["effects"]):
            kind = members[0]["kind"]
            if kind == "proposal.stage" and (item["step"], item["item"]) in self._staged:
                continue  # what was staged has a ladder of its own, from its first rung
            how = "staged" if kind == "proposal.stage" else ""
            applied = rungs.applied(record, ended=self._story.ended, how=how)
            yield self._ladder(members, item, (*self._beginning, applied))

    def _leaf(self, leaf: ProposedAction) -> Iterator[Ladder]:
        decision, href = self._story.decided.get(leaf.pk), _url(leaf)
        lower = (
            Rung(name="proposed", state="done", at=leaf.proposed_at, href=href),
            rungs.approved(leaf, decision, href),
        )
        place_of = {"step": leaf.step, "item": leaf.item}
        effects = parse(self._story.leaf_texts.get(leaf.pk, "{}")).get("on_approve", ())
        if not effects:
            about = place(leaf.step, leaf.item, self._story.names)
            yield Ladder(title=leaf.title, about=about, rungs=lower)
        for members in _alike(effects):
            applied = rungs.leaf_applied(leaf, decision)
            yield self._ladder(members, place_of, (*lower, applied), title=_titled(members, leaf))

    def _ladder(
        self, members: Sequence[Data], item: Data, lower: tuple[Rung, ...], *, title: str = "", earlier: str = ""
    ) -> Ladder:
        effect, step = members[0], item["step"]
        climbed = [*lower, *([] if earlier else self._outside(effect, lower[-1]))]
        if not earlier:
            results, expected = self._looks.of(step, effect)
            climbed += rungs.verified(results, expected, climbed[-1])
        about = place(step, item["item"], self._story.names)
        return Ladder(title=title or _title(members), about=about, rungs=tuple(climbed), earlier=earlier)

    def _outside(self, effect: Data, before: Rung) -> list[Rung]:
        """The rungs of what leaves the house."""
        if effect["kind"] == "email.send":
            letter = self._letters.get(effect["id"])
            again = effect["id"] in self._replaced
            return [rungs.letter_sent(letter, before, _url(letter), again=again)]
        if effect["kind"] == "netsuite.push":
            push = self._pushes.get(effect["id"])
            return rungs.push_rungs(push, before, _url(push))
        return []


def _alike(effects: Sequence[Data]) -> Iterator[list[Data]]:
    """Neighbours that do the same to one table; what a person unticked is left out."""
    wanted = [effect for effect in effects if effect.get("tick") is not False]
    for _same, group in groupby(wanted, key=_sameness):
        yield list(group)


def _sameness(effect: Data) -> tuple[str, str]:
    """What leaves the house, or asks, stands by itself."""
    own = "" if effect["kind"].startswith("row.") else str(effect["id"])
    return str(effect["kind"]), own or str(effect["table"])


_CHANGES: Final = {"row.insert": "new rows", "row.update": "changes", "row.upsert": "changes"}


def _title(members: Sequence[Data]) -> str:
    first = members[0]
    if len(members) > 1:
        return f"{len(members)} {_CHANGES[first['kind']]}: {words.table(first['table'])}"
    if first["kind"] == "netsuite.push":
        name = words.naming(first["record"]) or words.naming({"name": first["record"].get("companyName", "")})
        return f"NetSuite: {words.spaced(first['record_type'])}" + (f" {name}" if name else "")
    return present(members)[0].title


def _titled(members: Sequence[Data], leaf: ProposedAction) -> str:
    """The title of a leaf says more than that of its letter."""
    return leaf.title if members[0]["kind"] == "email.send" else ""


def _url(row: Model | None) -> str:
    """The page of a row."""
    if row is None:
        return ""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[quote(row.pk)])
