"""What a message is about, how sure that is, and which words decided. Pure: nothing is looked up, nothing written."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from workflows_app.inbox.words import DENIED, DENYING, DISPUTE, OTHER, PHRASES

CONFIDENT: Final = Decimal("0.750")
_MOST_WORDS: Final = 12
_MOST_REASON: Final = 1_000
# What the number of a real invoice adds to a message that complains.
_KNOWN_INVOICE: Final = 2
_NOT_YET: Final = Decimal("1.0")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The class of a message. `confidence`: 0 to 1, three decimals. `words`: what decided, as it was written."""

    classification: str
    confidence: Decimal
    words: tuple[str, ...] = ()

    @property
    def confident(self) -> bool:
        """Whether this is sure enough to go on with before anybody looks."""
        return self.confidence >= CONFIDENT


def classify(subject: str, text: str, *, automated: str = "", known_invoice: bool = False) -> Verdict:
    """Sort a message by its subject and by what its sender wrote himself.

    `automated`: by what a machine gave itself away; what machines write is `other`. `known_invoice`: whether the
    message names an invoice that there is.
    """
    if automated:
        return Verdict(classification=OTHER, confidence=Decimal("1.000"), words=(automated,))
    said = _spaced(f"{subject}\n{text}")
    found = {name: dict(_phrases(name, said)) for name in PHRASES}
    scores = {name: sum(words.values()) for name, words in found.items()}
    if known_invoice and scores[DISPUTE]:
        scores[DISPUTE] += _KNOWN_INVOICE
    first, *others = sorted(scores, key=lambda name: -scores[name])
    if not scores[first]:
        return Verdict(classification=OTHER, confidence=Decimal("0.500"))
    confidence = scores[first] / (scores[first] + _NOT_YET + scores[others[0]])
    words = tuple(found[first])[:_MOST_WORDS]
    return Verdict(classification=first, confidence=confidence.quantize(Decimal("0.001")), words=words)


def reason(subject: str, text: str) -> str:
    """What the sender complains of, in his own words and bounded; the subject when he wrote nothing else."""
    return (text.strip() or subject.strip() or "(nothing was written)")[:_MOST_REASON]


def _spaced(text: str) -> str:
    return " ".join(text.replace("’", "'").split())


def _phrases(name: str, said: str) -> Iterator[tuple[str, int]]:
    """The phrases of a class that the text has, as written, with their weights; each counts once."""
    lower = said.lower()
    lower = lower if len(lower) == len(said) else said  # a few capitals are longer in small letters
    for pattern, weight in PHRASES[name]:
        for match in pattern.finditer(lower):
            denied = DENIED.search(lower, max(0, match.start() - 40), match.start())
            if not denied or DENYING.match(match.group()):
                yield said[match.start() : match.end()].strip(), weight
                break
