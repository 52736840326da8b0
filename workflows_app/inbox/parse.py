"""The bytes of a message as a value. Hostile mail costs no more time than other mail, and never more than is read here.

Only the beginning is read of a message that is very long, and only the headers of one with an absurd number of parts:
such a message is stored all the same, so that nobody's mail is lost, and a person looks at it.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Parsed
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from typing import Final

from workflows_app.inbox import headers
from workflows_app.inbox.clean import decoded, from_html, lines, one_line

MOST_BYTES: Final = 1_500_000
_MOST_BLANK: Final = 4 * MOST_BYTES
_BLANK_LINES: Final = re.compile(rb"(?:\r?\n){4,}")
_MOST_HEADERS: Final = 100_000
_MOST_PARTS: Final = 60
_MOST_NESTED: Final = 20
# Every line is compared with the end of each part that it lies in: of what lies deep, less is read.
_OFTEN_NESTED: Final = 4
_MOST_BYTES_DEEP: Final = 150_000
# How an id that was derived from the bytes ends; no message may give itself one.
_DERIVED: Final = "@message-without-id.invalid>"
_LONGEST_HEADER: Final = 4_000
_MOST_NAMES: Final = 30
_MOST_MARKUP: Final = 400_000
_PART: Final = re.compile(rb"content-type[ \t]*:", re.IGNORECASE)
# A part needs no header of its own, and each empty line within a report of delivery begins another one.
_BOUNDARY: Final = re.compile(rb"[\r\n]--")
_EMPTY_LINE: Final = re.compile(rb"(?:\r\n|\r|\n){2}")
_REPORT: Final = re.compile(rb"delivery-status", re.IGNORECASE)
_MOST_BOUNDARIES: Final = 5_000
_NEST: Final = re.compile(rb"content-type[ \t]*:\s{0,9}(?:multipart|message)/", re.IGNORECASE)
# The headers of parts: the parser takes the square of the length of their parameters.
_PART_HEADER: Final = re.compile(
    rb"\bcontent-[a-z-]{1,40}[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.IGNORECASE
)
# What the standard library raises at mail that nobody's program has written.
FAULTS: Final = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class UnreadableMailError(Exception):
    """These bytes are no message; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message, harmless and bounded.

    `message_id`: its own, or one derived from its bytes. `references`: the messages that it answers, oldest first.
    `sender`: the address of From in lower case, or empty; anybody can write there what he likes. `text`: at most 20,000
    characters. `attachments`: names of files, without folders. `automated`: by what a machine gave itself away, or
    empty. `mailing_list`: by what a list did. `trouble`: why not everything was read, or empty.
    """

    message_id: str
    references: tuple[str, ...] = ()
    sender: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[str, ...] = ()
    automated: str = ""
    mailing_list: str = ""
    trouble: str = ""


def parse(raw: bytes) -> Message:
    """Read a message, of which `MOST_BYTES` are enough. Raises `UnreadableMailError` and nothing else."""
    if not raw.strip():
        raise UnreadableMailError("The message is empty.")
    own_id = derived_id(raw)
    bounded = readable(raw)
    try:
        return _parse(bounded, own_id)
    except FAULTS as error:
        return Message(message_id=own_id, trouble=f"It cannot be read ({type(error).__name__}).")


def derived_id(raw: bytes) -> str:
    """The id of a message that has none: the same bytes have the same."""
    return f"<{hashlib.sha256(raw).hexdigest()}{_DERIVED}"


@dataclass(frozen=True, kw_only=True)
class Readable:
    """What of a message is read: its headers, and all of it (nothing when it has too many parts)."""

    head: bytes
    whole: bytes
    trouble: str


def readable(raw: bytes) -> Readable:
    """Bound a message before any parser sees it."""
    close = _BLANK_LINES.sub(b"\r\n\r\n\r\n", raw[:_MOST_BLANK])
    start = _PART_HEADER.sub(lambda found: found.group()[:_LONGEST_HEADER], close[:MOST_BYTES])
    nested = len(_NEST.findall(start))
    head = _head(start)
    if nested > _MOST_NESTED or len(head) >= _MOST_HEADERS or _too_many_parts(start):
        return Readable(head=head, whole=b"", trouble="It has too many parts or headers to read them all.")
    whole = start[:_MOST_BYTES_DEEP] if nested > _OFTEN_NESTED else start
    cut = len(whole) < len(start) or len(close) > MOST_BYTES or len(raw) > _MOST_BLANK
    return Readable(head=head, whole=whole, trouble="It is long: only its beginning was read." if cut else "")


def _too_many_parts(raw: bytes) -> bool:
    if len(_PART.findall(raw)) > _MOST_PARTS or len(_BOUNDARY.findall(raw)) > _MOST_BOUNDARIES:
        return True
    return bool(_REPORT.search(raw)) and len(_EMPTY_LINE.findall(raw)) > _MOST_BOUNDARIES


def _parse(bounded: Readable, own_id: str) -> Message:
    """The parts are read unless there are too many: the parser goes down one call for each that lies in another."""
    head = BytesHeaderParser(policy=compat32).parsebytes(bounded.head)
    whole = BytesParser(policy=compat32).parsebytes(bounded.whole) if bounded.whole else None
    address = headers.sender(head)
    claimed = headers.message_id(head)
    return Message(
        message_id=own_id if claimed.endswith(_DERIVED) else claimed or own_id,
        references=headers.references(head),
        sender=address,
        subject=headers.subject(head),
        text=_text(whole) if whole else "",
        attachments=_attachments(whole) if whole else (),
        automated=headers.automated(head, address),
        mailing_list=headers.mailing_list(head),
        trouble=bounded.trouble,
    )


def _head(raw: bytes) -> bytes:
    """The headers alone, up to a bound; everything when no empty line ends them."""
    ends = [place for place in (raw.find(b"\n\n"), raw.find(b"\r\n\r\n")) if place >= 0]
    return raw[: min([*ends, _MOST_HEADERS])]


def _text(parsed: Parsed) -> str:
    """The plain text; the HTML made to text when there is none."""
    plain = lines("\n".join(_decoded_part(part) for part in _parts(parsed) if part.get_content_type() == "text/plain"))
    if plain:
        return plain
    markup = (_decoded_part(part) for part in _parts(parsed) if part.get_content_type() == "text/html")
    return lines(from_html("\n".join(markup)[:_MOST_MARKUP]))


def _parts(parsed: Parsed) -> Iterator[Parsed]:
    """The leaves of the message that are to be read, not the files that hang on it, nor a message within it."""
    if parsed.get_content_maintype() == "message":
        return
    if parsed.is_multipart():
        for part in parsed.get_payload():
            if isinstance(part, Parsed):
                yield from _parts(part)
    elif not _file_name(parsed) and parsed.get_content_disposition() != "attachment":
        yield parsed


def _decoded_part(part: Parsed) -> str:
    payload = part.get_payload(decode=True)
    return decoded(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def _attachments(parsed: Parsed) -> tuple[str, ...]:
    names = (_file_name(part) for part in parsed.walk())
    return tuple(name for name in names if name)[:_MOST_NAMES]


def _file_name(part: Parsed) -> str:
    """The name of an attached file without any folder; empty when the part is none."""
    try:
        name = part.get_filename() or ""
    except FAULTS:
        return "unnamed"
    if not name:
        return ""
    last = one_line(headers.plain(name), 400).replace("\\", "/").rpartition("/")[2].strip(". ")
    return last[-120:] or "unnamed"
