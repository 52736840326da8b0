"""Message-IDs: what a letter may say that it answers. Those of others come from outside and are data."""

import re
from collections.abc import Sequence
from typing import Final

from workflows_app.delivery.letter_filters import LetterError

# One printable word in angle brackets (RFC 5322, 3.6.4), without what a header line might be folded at.
_ID: Final = re.compile(r"<[!#-'*+\-./:=?@A-Z\[\]^_`a-z{|}~0-9$%&]{1,253}>")
_LONGEST_THREAD: Final = 20


def usable(text: str) -> str:
    """`text` when it is one Message-ID that a header can carry, else nothing."""
    stripped = text.strip()
    return stripped if _ID.fullmatch(stripped) else ""


def validate_message_id(text: str) -> str:
    """The same for what was approved. Raises `LetterError` for anything but one Message-ID."""
    if not _ID.fullmatch(text):
        raise LetterError(f"{text!r} is no Message-ID")
    return text


def thread(references: str | Sequence[object], answered: str) -> list[str]:
    """What a letter that answers the message `answered` refers to: its thread, oldest first, and itself at the end.

    `references`: Message-IDs, separated by blanks or as a list; those that cannot be used are left out. Of a long
    thread the first message stays, and the newest.
    """
    given = references.split() if isinstance(references, str) else [str(one) for one in references]
    earlier = list(dict.fromkeys(found for text in given if (found := usable(text)) and found != answered))
    kept = earlier if len(earlier) < _LONGEST_THREAD else [earlier[0], *earlier[2 - _LONGEST_THREAD :]]
    return [*kept, answered]
