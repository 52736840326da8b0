"""One sentence that says what a decision is about, counted from the very effects that it covers."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from workflows_app.presentation import words
from workflows_app.presentation.names import name_of

Effects = Sequence[Mapping[str, Any]]
_FEW: Final = 3


def sentence(effects: Effects, status: str, amount: str = "", also: str = "") -> str:
    """What approving does, did, or would have done; `status` of the proposal, `amount` of money as shown.

    `also`: what approving does that is no effect.
    """
    parts = [*_parts(effects), *([also] if also else [])]
    said = words.listed(parts) if parts else "change nothing here; workflows that listen to it start"
    opening, closing = _FRAMES.get(status, _FRAMES[""])
    return f"{opening} {said}{closing}" + (f" In all {amount}." if amount else "")


# By status: how the sentence opens and how it ends. What ended undecided did nothing.
_FRAMES: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("Approving this will", "."),
    "approved": ("What was approved: to", "."),
    "superseded": ("This was to", "; a newer proposal took its place."),
    "": ("This was to", "; nothing of it was done."),
}


def _parts(effects: Effects) -> Iterator[str]:
    """One phrase per kind of effect, what leaves the house first."""
    yield from filter(None, (say(_of(effects, *kinds)) for kinds, say in _PHRASES))
    yield from filter(None, [_others([effect for effect in effects if effect["kind"] not in KNOWN])])


def _of(effects: Effects, *kinds: str) -> Effects:
    return [effect for effect in effects if effect["kind"] in kinds]


def _letters(letters: Effects) -> str:
    if not letters:
        return ""
    to = list(dict.fromkeys(str(letter["to"]) for letter in letters))
    said = "one letter" if len(letters) == 1 else words.counted(len(letters), "letter")
    return f"send {said} to {words.listed(to) if len(to) <= _FEW else f'{len(to)} addresses'}"


def _records(pushes: Effects) -> str:
    kinds = Counter(words.spaced(push["record_type"]) for push in pushes)
    return f"send {_counted(kinds)} to NetSuite" if kinds else ""


def _new_rows(rows: Effects) -> str:
    fresh = [row for row in rows if row["kind"] == "row.insert" or row.get("was") is None]
    return f"write {_tables(fresh)}" if fresh else ""


def _changed_rows(rows: Effects) -> str:
    changed = [row for row in rows if row.get("was") is not None]
    if len(changed) == 1 and name_of(changed[0]["id"]):
        return f"change the {words.table(changed[0]['table'])} {name_of(changed[0]['id'])}"
    return f"change {_tables(changed)}" if changed else ""


def _tables(rows: Effects) -> str:
    return _counted(Counter(words.table(row["table"]) for row in rows))


def _calls(calls: Effects) -> str:
    made = [str(call["produces"]) for call in calls if call.get("produces")]
    others = len(calls) - len(made)
    parts = [
        f"make {words.counted(len(made), 'file')}" if made else "",
        f"call {words.counted(others, 'endpoint')}" if others else "",
    ]
    return words.listed([part for part in parts if part])


def _staged(proposals: Effects) -> str:
    kinds = Counter(words.action(proposal["action_type"]) for proposal in proposals)
    own = "a decision of its own" if len(proposals) == 1 else "decisions of their own"
    return f"put up {_counted(kinds)} for {own}" if kinds else ""


def _events(events: Effects) -> str:
    return f"record {words.counted(len(events), 'event')}" if events else ""


def _others(effects: Effects) -> str:
    return f"do {words.counted(len(effects), 'thing')} of an unknown kind" if effects else ""


def _counted(kinds: Mapping[str, int]) -> str:
    return words.listed([words.counted(number, noun) for noun, number in kinds.items()])


_ROWS: Final = ("row.insert", "row.update", "row.upsert")
_PHRASES: Final[Sequence[tuple[tuple[str, ...], Callable[[Effects], str]]]] = (
    (("email.send",), _letters),
    (("netsuite.push",), _records),
    (_ROWS, _new_rows),
    (_ROWS, _changed_rows),
    (("http.request",), _calls),
    (("event.record",), _events),
    (("proposal.stage",), _staged),
)
KNOWN: Final = frozenset(kind for kinds, _say in _PHRASES for kind in kinds)
