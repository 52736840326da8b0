"""`email.send`: a letter as it will be read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows_app.admin.presentation.values import Shown, show


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """An attached file, its place in the store and the hash of its content."""

    name: str
    key: str
    sha256: Shown


@dataclass(frozen=True, kw_only=True)
class LetterView:
    """A letter."""

    template: ClassVar = "admin/countersign/effects/letter.html"
    icon: ClassVar = "mail"
    title: str
    to: str
    subject: str
    body: str
    enclosures: tuple[Enclosure, ...]
    editable: tuple[str, ...]


def present_email(effect: Mapping[str, Any]) -> LetterView:
    """An `email.send`."""
    return LetterView(
        title=f"Letter to {effect['to']}",
        to=effect["to"],
        subject=effect["subject"],
        body=effect["body"],
        enclosures=tuple(
            Enclosure(name=item["name"], key=item["key"], sha256=show(item["sha256"])) for item in effect["attachments"]
        ),
        editable=tuple(effect.get("editable", ())),
    )
