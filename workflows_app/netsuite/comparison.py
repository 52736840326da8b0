"""Is a record in NetSuite what was pushed? Every pushed field and every line counts, nothing else does.

Numbers are compared by value, references by id, texts without outer white space, telephone numbers by their digits (an
account may write them in its own way); an empty text is one that NetSuite does not show. A pushed sublist must have
exactly the pushed lines: those with a `line` by that number, the others in any order.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

_TELEPHONES = frozenset({"phone", "altPhone", "homePhone", "mobilePhone", "fax", "addrPhone"})


def differences(pushed: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """What differs, in words such as `item 2 rate is 3 and was to be 4`; nothing when all of it is there."""
    return list(_record(pushed, found, ""))


def _record(pushed: Mapping[str, Any], found: Mapping[str, Any], place: str) -> Iterator[str]:
    for name, value in pushed.items():
        there = found.get(name)
        if not (name in _TELEPHONES and _digits(value) and _digits(value) == _digits(there)):
            yield from _field(value, there, f"{place} {name}".strip())


def _field(pushed: Any, found: Any, place: str) -> Iterator[str]:
    if isinstance(pushed, Mapping) and set(pushed) == {"items"}:
        yield from _lines(pushed["items"], _items(found), place)
    elif isinstance(pushed, Mapping) and isinstance(found, Mapping):
        yield from _record({key: value for key, value in pushed.items() if key != "refName"}, found, place)
    elif not _same(pushed, found):
        yield f"{place} is {_words(found)} and was to be {_words(pushed)}"


def _items(found: Any) -> list[Mapping[str, Any]]:
    """The lines of a sublist, whatever was found in its place."""
    items = found.get("items") if isinstance(found, Mapping) else None
    return [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []


def _lines(pushed: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], place: str) -> Iterator[str]:
    if len(pushed) != len(found):
        yield f"{place} has {len(found)} lines and was to have {len(pushed)}"
        return
    rest = list(found)
    for number, line in enumerate(pushed, start=1):
        same = next((one for one in rest if not any(_record(line, one, ""))), None)
        if same is not None:
            rest.remove(same)
        else:
            yield from _line(line, found, f"{place} {line.get('line', number)}")


def _line(pushed: Mapping[str, Any], found: Sequence[Mapping[str, Any]], place: str) -> Iterator[str]:
    """Why a line is not there: what is different in the one with its number, if it has one."""
    numbered = [one for one in found if "line" in pushed and _same(pushed["line"], one.get("line"))]
    if numbered:
        yield from list(_record(pushed, numbered[0], place)) or [f"{place} is there twice"]
    else:
        yield f"{place} is not there"


def _same(pushed: Any, found: Any) -> bool:
    if pushed == "" and found is None:
        return True
    if isinstance(pushed, bool) or isinstance(found, bool) or pushed is None or found is None:
        return pushed is found
    if isinstance(pushed, int | Decimal):
        return _number(found) == pushed
    return _text(pushed) == _text(found)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _digits(value: Any) -> str:
    return re.sub(r"\D", "", str(value or ""))


def _text(value: Any) -> str:
    return str(value).replace("\r\n", "\n").strip()


def _words(value: Any) -> str:
    return "empty" if value is None else repr(value) if isinstance(value, str) else str(value)
