"""The drafts of a run as planning reads them: a value that is the same each time; nobody is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from approvals.canonical import canonical, digest
from workflows_app.effects.data import DraftMark

CHECK_IT: Final = "drafted by a language model, check it"
_CHANGED: Final = "what the letter says has changed since it was drafted"


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """What became of one text: what a model wrote, or why the template stays."""

    text: str
    refusal: str
    model: str


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """The drafted letters of a run by key. Empty: the run was never drafted, and its letters say nothing of it."""

    letters: Mapping[str, Frozen] = field(default_factory=dict)

    def body(self, subject: str, template: str) -> tuple[str, DraftMark | None]:
        """The body to use for a letter whose template says `template`, and what to mark it with."""
        if not self.letters:
            return template, None
        found = self.letters.get(letter_key(subject, template))
        if found is None or not found.text:
            return template, {"by": "template", "note": found.refusal if found else _CHANGED}
        return found.text, {"by": "model", "note": CHECK_IT, "model": found.model, "template": template}


NOT_DRAFTED: Final = Drafts()


def letter_key(subject: str, template: str) -> str:
    """What tells apart the letters of a run: every fact of a letter is in its text."""
    return digest(canonical([subject, template]))
