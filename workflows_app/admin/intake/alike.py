"""Which customers look like the one that is being typed. It warns; it never stops anybody.

`same` is what the contract's own check would block (`providers/same_customers.py`); the rest are resemblances. All
customers are compared in Python, as that check does, so that both databases agree; their table does not grow with runs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from workflows_app.models import Customer
from workflows_app.providers.same_customers import plain

MOST: Final = 5
_CACHED: Final = 65_536  # a few texts of each of some ten thousand customers
_TYPO: Final = 0.87  # how alike two names must be, letter for letter, to be one of them mistyped
_MOST_WORDS: Final = 0.6  # of all words of both names
_SHORTEST: Final = 3
_SHORTEST_PART: Final = 5  # of a name, to be told the whole of it: fewer letters would list customers one does not know
_LEGAL: Final = {
    "the", "of", "and", "for", "a", "inc", "incorporated", "llc", "ltd", "limited", "co", "corp", "corporation",
    "company",
}  # fmt: skip
_SHORT: Final = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "suite": "ste",
    "apartment": "apt", "north": "n", "south": "s", "east": "e", "west": "w", "saint": "st", "mount": "mt",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was typed so far."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A customer of the mirror as it is compared."""

    pk: str
    name: str
    email: str
    phone: str
    addresses: tuple[str, ...]
    status: str


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A customer that looks alike, and why. `same`: the run would be blocked because of it."""

    pk: str
    name: str
    status: str
    reasons: tuple[str, ...]
    same: bool


def look(typed: Typed) -> tuple[Alike, ...]:
    """The five customers that look most like it: the same ones first, then by the number of reasons. One query."""
    found = [alike for known in _customers() if (alike := compare(typed, known)) is not None]
    found.sort(key=lambda alike: (not alike.same, -len(alike.reasons), alike.name, alike.pk))
    return tuple(found[:MOST])


def compare(typed: Typed, known: Known) -> Alike | None:
    """Why a customer looks like what was typed, or None when it does not."""
    same = tuple(_same(typed, known))
    reasons = (*same, *_resembling(typed, known, named=bool(same)))
    if not reasons:
        return None
    return Alike(pk=known.pk, name=known.name, status=known.status, reasons=reasons, same=bool(same))


def _customers() -> Iterator[Known]:
    columns = ("pk", "companyname", "email", "phone", "billing_address", "shipping_address", "entitystatus")
    for pk, name, email, phone, billing, shipping, status in Customer.objects.order_by().values_list(*columns):
        addresses = (billing or "", shipping or "")
        yield Known(pk=pk, name=name, email=email or "", phone=phone or "", addresses=addresses, status=status)


def _same(typed: Typed, known: Known) -> Iterator[str]:
    """What the contract blocks for."""
    if _folded(typed.name) and _folded(typed.name) == _folded(known.name):
        yield "the same name"
    if _folded(typed.email) and _folded(typed.email) == _folded(known.email):
        yield "the same email address"


def _resembling(typed: Typed, known: Known, *, named: bool) -> Iterator[str]:
    if not named and _alike_names(typed.name, known.name):
        yield "a similar name"
    if _digits(typed.phone) and _digits(typed.phone) == _digits(known.phone):
        yield "the same phone number"
    if _street(typed.address) and _street(typed.address) in map(_street, known.addresses):
        yield "the same street address"


def _alike_names(typed: str, known: str) -> bool:
    """The known one contains what was typed, as the contract's warning has it; most words are common; or a typo."""
    text = _folded(typed)
    if len(text) < _SHORTEST:
        return False
    return (
        (len(text) >= _SHORTEST_PART and text in _folded(known))
        or _has_same_words(_core(typed), _core(known))
        or _is_typo(_joined(typed), _joined(known))
    )


def _has_same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    return bool(one) and (one == other or (common > 1 and common / len(one | other) >= _MOST_WORDS))


def _is_typo(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 3 or min(len(one), len(other)) < 2 * _SHORTEST:
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _TYPO and matcher.quick_ratio() >= _TYPO and matcher.ratio() >= _TYPO


@lru_cache(maxsize=_CACHED)
def _folded(text: str) -> str:
    return plain(text)


@lru_cache(maxsize=_CACHED)
def _core(name: str) -> frozenset[str]:
    """The words of a name in any order and number, without those that companies add and leave out."""
    return frozenset(word.removesuffix("s") for word in _words(name) if word not in _LEGAL)


@lru_cache(maxsize=_CACHED)
def _joined(name: str) -> str:
    return " ".join(word for word in _words(name) if word not in _LEGAL)


@lru_cache(maxsize=_CACHED)
def _digits(phone: str) -> str:
    """The last ten digits of a number; nothing when there are fewer than seven."""
    digits = "".join(sign for sign in phone if sign.isdecimal())
    return digits[-10:] if len(digits) >= 7 else ""


@lru_cache(maxsize=_CACHED)
def _street(address: str) -> str:
    """The first line with a number in it and the last number (the ZIP code), in short forms; else nothing."""
    lines = [" ".join(_SHORT.get(word, word) for word in _words(line)) for line in address.splitlines()]
    street = next((line for line in lines if any(sign.isdecimal() for sign in line)), "")
    numbers = re.findall(r"\d{5}", " ".join(lines))
    return f"{street} {numbers[-1] if numbers else ''}".strip() if " " in street else ""


def _words(text: str) -> list[str]:
    """Small letters without accents' coding; an apostrophe parts nothing."""
    return _WORD.findall(_folded(text).replace("'", "").replace("&", " and "))
