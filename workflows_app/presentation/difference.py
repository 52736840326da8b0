"""What changed against an earlier proposal, and what a person edited: only what differs, down to the single value."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from workflows_app.presentation import words
from workflows_app.presentation.effects import present
from workflows_app.presentation.values import EMPTY, Shown, show

_OWN_ID = re.compile(r"\s*\bcs-[a-z]+-[0-9a-f-]{36}")
_STRUCTURE = frozenset({"values", "set", "match", "effects"})
_SEPARATOR = " · "


@dataclass(frozen=True, kw_only=True)
class Changed:
    """One changed value. `before` is empty where only the new value is known."""

    where: str
    before: Shown
    after: Shown


def read_difference(
    entries: Sequence[Mapping[str, Any]], labels: Mapping[str, str] | None = None
) -> tuple[Changed, ...]:
    """Entries `{where, was, now}` of a difference, or `{item, field, value}` of an edit, each once.

    `labels`: what a person calls the thing with this id.
    """
    known = labels or {}
    changed = (each for entry in entries for each in (_edit(entry, known) if "item" in entry else _change(entry)))
    return tuple(dict.fromkeys(changed))


def _change(entry: Mapping[str, Any]) -> Iterator[Changed]:
    place = [part for part in str(entry["where"]).split(_SEPARATOR) if part not in _STRUCTURE]
    if _is_effect(entry["was"]) and entry["now"] is None:
        yield Changed(where=_said(place), before=show(_title(entry["was"])), after=show("left out"))
        return
    if _is_effect(entry["now"]) and entry["was"] is None:
        yield Changed(where=_said(place), before=EMPTY, after=show(_title(entry["now"])))
        return
    for path, was, now in _walk(entry["was"], entry["now"], ()):
        yield Changed(where=_said([*place, *path]), before=show(was), after=_after(was, now))


def _edit(entry: Mapping[str, Any], labels: Mapping[str, str]) -> Iterator[Changed]:
    item, field = str(entry["item"]), str(entry["field"])
    place = [labels[item]] if item in labels else [words.column(part) for part in _split(item)]
    if field == "tick":
        yield Changed(where=_SEPARATOR.join(place), before=EMPTY, after=show(_ticked(entry["value"])))
    else:
        where = _SEPARATOR.join([*place, words.column(field)])
        yield Changed(where=where, before=EMPTY, after=show(entry["value"], column=field))


def _ticked(value: Any) -> str:
    return "left out" if value is False else "taken in again"


def _split(item: str) -> list[str]:
    """An item that nobody has a name for; ids of our own say nothing."""
    return [part for part in [_OWN_ID.sub("", item).strip()] if part]


def _is_effect(value: Any) -> bool:
    return isinstance(value, dict) and "kind" in value


def _title(effect: Mapping[str, Any]) -> str:
    """What an effect is called on a card."""
    return str(getattr(present([effect])[0], "title", effect["kind"]))


def _after(was: Any, now: Any) -> Shown:
    return show("left out") if now is None and was is not None else show(now)


def _walk(was: Any, now: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Every single value that differs; texts of several lines are cut down to the lines that differ."""
    if _text(was) == _text(now):
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*was, *now]):
            if name in was and name in now:
                yield from _walk(was[name], now[name], (*path, name))
            else:
                yield (*path, name), was.get(name), now.get(name)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (old, new) in enumerate(zip(was, now, strict=True), start=1):
            yield from _walk(old, new, (*path, str(number)))
    elif isinstance(was, str) and isinstance(now, str) and "\n" in was + now:
        yield path, *_lines(was, now)
    else:
        yield path, was, now


def _lines(was: str, now: str) -> tuple[str, str]:
    old, new = was.splitlines(), now.splitlines()
    blocks = [code for code in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes() if code[0] != "equal"]
    before = [line for _tag, start, end, _s, _e in blocks for line in old[start:end]]
    after = [line for _tag, _s, _e, start, end in blocks for line in new[start:end]]
    return ("\n".join(before), "\n".join(after)) if before or after else (was, now)


def _text(value: Any) -> str:
    """Python finds 1 and True equal; as JSON they are not."""
    return json.dumps(value, sort_keys=True)


def _said(parts: Sequence[str]) -> str:
    """A place in words; ids stay in the technical view."""
    short = [_OWN_ID.sub("", part).strip() for part in parts]
    return _SEPARATOR.join(words.column(part) for part in short if part and part not in _STRUCTURE)
