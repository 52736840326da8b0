"""What a person types to search the memory, as data. Pure: any text at all is a question, none is an error."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_TYPED = re.compile(r'"([^"]*)"?|([^\s"]+)')
_UNUSABLE: Final = {"Cc", "Cs"}  # controls and halves of characters: no database takes them
MOST_TERMS: Final = 20
MOST_SIGNS: Final = 200


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing that must occur: a word, words in a row, or (`prefix`) the beginning of a word."""

    text: str
    prefix: bool = False


def terms_of(typed: str) -> tuple[Term, ...]:
    """The terms of a question, in order. `lunch` a word, `"school lunch"` words in a row, `deliv*` a beginning.

    What has no letter and no digit is left out. Everything is read literally: there are no operators.
    """
    found = (_term(phrase, word) for phrase, word in _TYPED.findall(_usable(typed)))
    return tuple(dict.fromkeys(term for term in found if has_word(term.text)))[:MOST_TERMS]


def tags_of(typed: str) -> tuple[str, ...]:
    """Tags written one after another with commas between them, each as it stands in the memory."""
    tags = (tag.strip() for tag in _usable(typed).split(","))
    return tuple(dict.fromkeys(tag[:MOST_SIGNS] for tag in tags if tag))[:MOST_TERMS]


def _term(phrase: str, word: str) -> Term:
    if word:
        return Term(text=word.rstrip("*")[:MOST_SIGNS], prefix=word.endswith("*"))
    return Term(text=phrase.strip()[:MOST_SIGNS])


def _usable(typed: str) -> str:
    """Composed, without what cannot be stored; a line break parts words as a blank does."""
    composed = unicodedata.normalize("NFC", typed)
    return "".join(" " if unicodedata.category(sign) in _UNUSABLE else sign for sign in composed)


def has_word(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return any(sign.isalnum() for sign in text)
