"""One thing that happened to a run, and many of one kind as one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from workflows_app.admin.run.troubles import NO_TROUBLE, Trouble
from workflows_app.presentation import moments

_FEW: Final = 3


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened. `look`: `good`, `bad`, `warn`, `open` or nothing. `href`: where it is to be seen.

    `many`: what to say of several of its kind; `members`: those, when it stands for several.
    """

    at: datetime
    sentence: str
    look: str = ""
    note: str = ""
    href: str = ""
    trouble: Trouble = NO_TROUBLE
    many: str = ""
    members: "tuple[Entry, ...]" = ()

    @property
    def said(self) -> str:
        """When, as pages write it."""
        return moments.said(self.at)


def together(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Many of one kind within a minute are one entry, where the first of them is."""
    alike: dict[tuple[str, datetime], list[Entry]] = {}
    for entry in entries:
        if entry.many:
            alike.setdefault(_kind(entry), []).append(entry)
    for entry in entries:
        members = alike.get(_kind(entry), []) if entry.many else []
        if len(members) <= _FEW:
            yield entry
        elif entry is members[0]:
            sentence = f"{len(members)} {entry.many}."
            yield Entry(at=entry.at, sentence=sentence, look=entry.look, members=tuple(members))


def _kind(entry: Entry) -> tuple[str, datetime]:
    return entry.many, entry.at.replace(second=0, microsecond=0)
