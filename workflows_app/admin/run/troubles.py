"""Errors in plain words, with what to do about them. The recorded text stays beside them, for those who mend things."""

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from workflows_app.admin.run.names import said

_AGAIN: Final = "When the cause is mended, use “Run the rest again”: what was done is not done twice."


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What went wrong, what to do about it, and the text as recorded; the last is empty when it adds nothing."""

    plain: str
    advice: str = ""
    technical: str = ""

    @property
    def mark(self) -> str:
        """A short name for it, which changes with the text."""
        return hashlib.sha256(self.technical.encode()).hexdigest()[:8]


NO_TROUBLE: Final = Trouble(plain="")

# In this order: the first that is found in the text says it. `{0}`: the first group of the pattern.
_KNOWN: Final[tuple[tuple[str, str, str], ...]] = (
    (
        r"(\S+) answered (?:408|425|429|5\d\d)",
        "{0} was busy or broken and did not answer properly.",
        "It is tried again as often as the contract says. If it goes on, look at the log of the web server.",
    ),
    (r"(\S+) answered (?:3|4)\d\d", "{0} refused what it was asked.", f"Trying again cannot help. {_AGAIN}"),
    (
        r"has not answered as a whole within|ReadTimeout|ConnectTimeout|TimeoutException",
        "The endpoint took too long to answer.",
        "It is tried again as often as the contract says. If it goes on, look at the log of the web server.",
    ),
    (
        r"ConnectError|Connection refused|RemoteProtocolError|ReadError",
        "The endpoint could not be reached.",
        "See that the web server runs and that SITE_URL names it.",
    ),
    (
        r"was changed meanwhile",
        "Somebody changed the row after this was planned, so it was not overwritten.",
        "Look at the row; “Run the rest again” plans it as it is now.",
    ),
    (
        r"may be there already",
        "The database refused the row; most likely it is there already.",
        f"Look for the row first. {_AGAIN}",
    ),
    (r"cannot hold this row", "The planned row does not fit its table.", "The contract needs a new version."),
    (r"\bis gone$", "The row that was to be changed is not there any more.", _AGAIN),
    (r"^(?:.*: )?the database: ", "The database was busy.", "That passes by itself; it is tried again."),
    (r"the artifact store failed", "The file could not be stored just now.", "It is tried again."),
    (r"produced cannot be stored", "The file cannot be stored.", f"See where files are kept (MEDIA_ROOT). {_AGAIN}"),
    (
        r"workers in a row died|worker died in the middle",
        "The workers died while they worked on it, so it was stopped.",
        f"Look at the log of the cluster, and whether it ran out of memory. {_AGAIN}",
    ),
    (
        r"nobody approved it|has been changed since|not what was approved",
        "What was to be applied is not what a person approved, so nothing of it was applied.",
        "This never happens by itself: run `manage.py verify_decisions`.",
    ),
    (r"^a step that it needs failed$", "Not done: a step that it needs failed.", ""),
    (
        r"could not be planned: ",
        "What was read could not be turned into a plan, so nothing was done.",
        "Mend what the technical text names, then start the workflow again.",
    ),
    (
        r"could not be read again: ",
        "It could not be read again before it was applied, so nothing was done.",
        "Start the workflow again.",
    ),
    (r"^nobody decided in time$", "Nobody decided in time. Nothing was done.", "Start the workflow again."),
    (
        r"OperationalError|InterfaceError",
        "The database was busy or away.",
        "That passes by itself; it is tried again.",
    ),
    (
        r"^(?:[\w ]+: )?[A-Za-z]+(?:Error|Exception|DoesNotExist|Exit)\b",
        "A defect in the program stopped it; this part was undone.",
        "Give the technical text to whoever looks after Countersign.",
    ),
)


def read_error(text: str) -> Trouble:
    """The trouble that a recorded error means; one that nobody foresaw stands as it is."""
    if not text:
        return NO_TROUBLE
    for pattern, plain, advice in _KNOWN:
        found = re.search(pattern, text)
        if found:
            plain = plain.format(*found.groups())
            technical = "" if said(text).rstrip(".").lower() in plain.lower() else text
            return Trouble(plain=plain, advice=advice, technical=technical)
    return Trouble(plain=said(text))
