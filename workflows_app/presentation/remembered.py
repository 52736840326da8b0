"""What a run remembers, in words. It is written down with the names of steps and principals, and searched by them."""

import re
from typing import Final

from workflows_app.presentation import words
from workflows_app.presentation.people import who
from workflows_app.reading.memory.text import CLOSE, OPEN, plain

# Found words may have marks around them.
_MARKS: Final = f"{OPEN}{CLOSE}"
_NAME: Final = rf"[{_MARKS}]?[a-z][a-z0-9_{_MARKS}]*"
# The lines as `runner/post.py` writes them.
_STEP: Final = re.compile(rf"^({_NAME})((?: [^\n:]*)?): ({_NAME})(?=\.$| \()", re.MULTILINE)
_CHECK: Final = re.compile(rf"^([{_MARKS}]?Check[{_MARKS}]?) ({_NAME})(?= )", re.MULTILINE)
_PRINCIPAL: Final = re.compile(rf"{OPEN}?\b(person|machine)\b{CLOSE}?:([\w.@+{_MARKS}-]*\w{CLOSE}?)")
_VERDICT: Final = re.compile(
    rf" {OPEN}?decided{CLOSE}?: ({OPEN}?)(approve|reject|edit)({CLOSE}?)\.(?= |$)", re.MULTILINE
)
_SAID: Final = {"approve": "approved", "reject": "rejected", "edit": "edited"}


def in_words(narrative: str) -> str:
    """A narrative, or a marked one, as people read it: `write_ns: not_reached.` is “Write NetSuite: not reached.”"""
    told = _STEP.sub(lambda found: f"{_step(found[1])}{found[2]}: {words.spaced(found[3])}", narrative)
    told = _CHECK.sub(lambda found: f"{found[1]} “{words.spaced(found[2])}”", told)
    told = _PRINCIPAL.sub(_who, told)
    return _VERDICT.sub(lambda found: f" {found[1]}{_SAID[found[2]]}{found[3]}.", told)


def _step(name: str) -> str:
    """Its capital is the first letter, whatever stands before it."""
    bare = name.removeprefix(OPEN)
    return name[: len(name) - len(bare)] + words.step(bare)


def _who(found: re.Match[str]) -> str:
    return found[2] if found[1] == "person" else who(f"machine:{plain(found[2])}")
