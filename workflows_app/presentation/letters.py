"""`email.send`: a letter as it will be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows_app.presentation.endings import Ending
from workflows_app.presentation.names import name_of
from workflows_app.presentation.values import Shown, show

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """An attached file, its place in the store and the hash of its content.

    `fixed`: the hash under which it can be opened; empty on an envelope, whose letters are not staged yet.
    """

    name: str
    key: str
    sha256: Shown
    fixed: str


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """Who wrote a letter that a language model was asked for. `template`: the text that its draft took the place of."""

    note: str
    model: str
    template: str


@dataclass(frozen=True, kw_only=True)
class LetterView:
    """A letter. `customer`: whom it is about, by name; `ending`: what became of it, once decided.

    `answers`: the Message-ID of what it answers, and `answered` that message as people know it; empty for a new matter.

    `drafted`: whether a language model wrote it, or why not; None when none was asked.
    """

    template: ClassVar = "admin/countersign/effects/letter.html"
    icon: ClassVar = "mail"
    title: str
    id: str
    customer: str
    to: str
    subject: str
    body: str
    enclosures: tuple[Enclosure, ...]
    editable: tuple[str, ...]
    drafted: Drafted | None = None
    answers: str = ""
    answered: str = ""
    ending: Ending | None = None


def present_email(effect: Mapping[str, Any]) -> LetterView:
    """An `email.send`."""
    return LetterView(
        title=f"Letter to {effect['to']}",
        id=str(effect.get("id", "")),
        customer=name_of(effect.get("related_customer_id")),
        to=effect["to"],
        answers=str(effect.get("in_reply_to", "")),
        answered=name_of(effect.get("in_reply_to")),
        subject=effect["subject"],
        body=effect["body"],
        enclosures=tuple(
            Enclosure(
                name=item["name"],
                key=item["key"],
                sha256=show(item["sha256"]),
                fixed=item["sha256"] if _HASH.fullmatch(str(item["sha256"])) else "",
            )
            for item in effect["attachments"]
        ),
        editable=tuple(effect.get("editable", ())),
        drafted=_drafted(effect["drafted"]) if "drafted" in effect else None,
    )


def _drafted(mark: Mapping[str, Any]) -> Drafted:
    return Drafted(note=mark["note"], model=mark.get("model", ""), template=mark.get("template", ""))
