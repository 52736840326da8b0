"""What is refused of an answer. A refusal costs nothing, for the template is used then; so these rules are strict."""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import Final

from workflows_app.drafting.guarded import FIGURES, PROMISES
from workflows_app.drafting.masks import MARK, Masked

_LEFT_OVER: Final = re.compile(r"[\[\]{}<>`*_#|~\\^=]|\bTODO\b|\bXX+\b|(?i:lorem ipsum)")
_ADDRESS: Final = re.compile(r"://|@|\bwww\b|[^\W\d_]\.[^\W\d_]", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LISTED: Final = re.compile(r"^(?:[-•–—>+]|[ \t])", re.MULTILINE)
# A figure stands by itself, so that none becomes another one by what stands beside it.
_TOUCHED: Final = re.compile(r"[^\s(\"“']\[\[|\]\](?![\s)\"”']|[.,;:!?][\s)\"”']|[.,;:!?]?$)")
# After these a word is capital because a sentence begins.
_BEGINS: Final = re.compile(r"(?:^|[.!?:;\n]|\]\])[\s\"“”'’()]*$")
_MORE: Final = 600


class NonsenseError(Exception):
    """An answer that may not be used; the message says which rule it broke, and quotes one word of it at most."""


def judge_letter(answer: str, masked: Masked) -> str:
    """The letter with its facts put back. Raises `NonsenseError`."""
    _judge(answer, masked, FIGURES | PROMISES)
    names = MARK.findall(answer)
    missing = [name for name in masked.meanings if name not in names]
    if missing:
        raise NonsenseError(f"the draft left out {_said(missing[0], masked)}")
    if [name for name in names if name.startswith("block-")] != masked.blocks:
        raise NonsenseError("the draft moved or repeated lines that were given")
    _judge_places(answer, masked)
    return masked.restored(answer) + "\n"


def judge_prose(answer: str, masked: Masked, longest: int) -> str:
    """A short text with its facts put back; it need not use all of them. Raises `NonsenseError`."""
    if len(answer) > longest:
        raise NonsenseError("the draft is too long")
    _judge(answer, masked, FIGURES)
    return masked.restored(answer)


def _judge(answer: str, masked: Masked, guarded: AbstractSet[str]) -> None:
    if len(answer) > 2 * len(masked.text) + _MORE:
        raise NonsenseError("the draft is too long")
    _judge_characters(answer)
    unknown = [name for name in MARK.findall(answer) if name not in masked.meanings]
    prose = MARK.sub(" ", answer)
    if unknown or _LEFT_OVER.search(prose):
        raise NonsenseError("the draft has a placeholder, a mark or formatting left in it")
    if any(char.isnumeric() for char in prose):
        raise NonsenseError("the draft has a figure that was not given")
    if _ADDRESS.search(prose):
        raise NonsenseError("the draft has an address that was not given")
    if _LISTED.search(prose.strip(" ")) and _LISTED.search(answer):
        raise NonsenseError("the draft has lines that look like a list or a quotation")
    _judge_words(answer, masked, guarded)


def _judge_characters(answer: str) -> None:
    """Letters of our alphabet, no invisible or control characters: what looks alike is alike."""
    for char in answer:
        if char == "\n":
            continue
        if unicodedata.category(char)[0] in "CZ" and char != " ":
            raise NonsenseError("the draft has invisible characters")
        if char.isalpha() and "LATIN" not in unicodedata.name(char, ""):
            raise NonsenseError("the draft has letters of another alphabet")


def _judge_words(answer: str, masked: Masked, guarded: AbstractSet[str]) -> None:
    """No guarded word and no name that the template does not have."""
    given = {word.casefold() for word in _WORD.findall(MARK.sub(" ", masked.text))}
    plain = MARK.sub(lambda mark: " " * (len(mark[0]) - 2) + "]]", answer)
    for found in _WORD.finditer(plain):
        word = found[0].replace("’", "'")
        if word.casefold() in given or word == "I" or word.startswith("I'"):
            continue
        if word.casefold().partition("'")[0] in guarded:
            raise NonsenseError(f"the draft says “{word[:30].lower()}”, which the template does not")
        if word[0].isupper() and not _BEGINS.search(plain[: found.start()]):
            raise NonsenseError(f"the draft has a name that was not given: “{word[:30]}”")


def _judge_places(answer: str, masked: Masked) -> None:
    """Blocks stand alone, the letter begins and ends as the template does, and no figure is repeated at length."""
    if any(MARK.sub("", line).strip() for line in answer.split("\n") if "[[block-" in line):
        raise NonsenseError("the draft wrote beside lines that were given")
    if any(line.count("[[") > 1 for line in answer.split("\n") if "[[block-" in line):
        raise NonsenseError("the draft wrote beside lines that were given")
    if _TOUCHED.search(answer):
        raise NonsenseError("the draft joined a figure with something else")
    if _ends(answer) != _ends(masked.text):
        raise NonsenseError("the draft does not begin and end as the template does")
    if any(answer.count(f"[[{name}]]") > masked.text.count(f"[[{name}]]") + 1 for name in masked.meanings):
        raise NonsenseError("the draft repeats a figure over and over")


def _ends(text: str) -> tuple[str, ...]:
    """The blocks that a letter begins and ends with."""
    lines = text.strip().split("\n")
    return tuple(line.strip() if line.strip().startswith("[[block-") else "" for line in (lines[0], lines[-1]))


def _said(name: str, masked: Masked) -> str:
    return "lines that were given" if name.startswith("block-") else masked.meanings[name][:60]
