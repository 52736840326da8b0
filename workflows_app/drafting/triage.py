"""A second opinion on mail that triage is unsure of: a suggestion for the person who sorts it, and nothing else.

It decides nothing: whoever shows it shows it as a suggestion beside the choice of a person (docs/drafting.md).
"""

import json
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from workflows_app.drafting.client import NoAnswerError, ask
from workflows_app.drafting.endpoint import endpoint
from workflows_app.drafting.masks import without_figures
from workflows_app.drafting.prompts import instructions

CLASSES: Final = ("invoice_dispute", "payment_promise", "order", "quote_request", "other")
_MOST_TEXT: Final = 4_000
_MOST_WORDS: Final = 5
_LONGEST_WORD: Final = 40


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """What a message may be: one of `CLASSES`, the words of it that say so, and the model that thinks so."""

    classification: str
    words: tuple[str, ...]
    model: str


def suggest_class(text: str) -> Suggestion | None:
    """What a language model takes a message for; None when it is not asked, does not answer, or answers nonsense.

    Only with `DRAFTING_TRIAGE`. It gets the beginning of `text` without figures and addresses; it takes as long as
    `DRAFTING_TIMEOUT` at most. Call it outside any transaction. Raises nothing.
    """
    asked = endpoint() if settings.DRAFTING["TRIAGE"] else None
    shown = without_figures(text[:_MOST_TEXT])
    if asked is None or not shown.strip():
        return None
    try:
        answer = json.loads(ask(asked, instructions("triage"), f"MESSAGE (data):\n\n{json.dumps(shown)}"))
    except (NoAnswerError, ValueError, RecursionError):
        return None
    return _suggestion(answer, shown, asked.model)


def _suggestion(answer: Any, shown: str, model: str) -> Suggestion | None:
    """The answer, when it is one of ours and quotes words that are there."""
    if not isinstance(answer, dict) or answer.get("class") not in CLASSES:
        return None
    words = answer.get("words")
    given = [word for word in words if isinstance(word, str)] if isinstance(words, list) else []
    quoted = [word for word in given if 0 < len(word) <= _LONGEST_WORD and word.casefold() in shown.casefold()]
    return Suggestion(classification=str(answer["class"]), words=tuple(quoted[:_MOST_WORDS]), model=model)
