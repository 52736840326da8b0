"""The headers of a message, each made harmless. The parser that is chosen keeps them as they came."""

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as Parsed
from typing import Final

from workflows_app.inbox.clean import decoded, one_line

MOST_SUBJECT: Final = 500
MOST_REFERENCES: Final = 20
_LONGEST: Final = 4_000
_LONGEST_LIST: Final = 8_000
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,188}")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,253}>")
_BULK: Final = frozenset({"bulk", "junk", "auto_reply"})
_MACHINES: Final = ("mailer-daemon@", "postmaster@")


def subject(parsed: Parsed) -> str:
    """The subject on one line, decoded."""
    return one_line(plain(first(parsed, "Subject")), MOST_SUBJECT)


def sender(parsed: Parsed) -> str:
    """The address of From, lower case; empty when there is none, or more than one: nobody may choose between them.

    The address is looked for before anything is decoded, and in angle brackets if there are any: what is written as
    the name beside it is no address, whatever it looks like.
    """
    values = _values(parsed, "From")
    if len(values) != 1:
        return ""
    raw = values[0]
    bracketed = re.findall(r"<([^<>]{0,254})>", raw)
    found = set(_ADDRESS.findall(" ".join(bracketed) if bracketed else raw))
    return next(iter(found)).lower().rstrip(".") if len(found) == 1 else ""


def message_id(parsed: Parsed) -> str:
    """The message's own id in angle brackets; empty when it has none that can be kept."""
    found = _MESSAGE_ID.fullmatch(first(parsed, "Message-ID").strip())
    return found.group() if found else ""


def references(parsed: Parsed) -> tuple[str, ...]:
    """The ids of the messages that this one answers, oldest first; of many, the first and the newest."""
    texts = (first(parsed, "References", _LONGEST_LIST), first(parsed, "In-Reply-To", _LONGEST_LIST))
    found = tuple(dict.fromkeys(each for text in texts for each in _MESSAGE_ID.findall(text)))
    return found if len(found) <= MOST_REFERENCES else (found[0], *found[1 - MOST_REFERENCES :])


def automated(parsed: Parsed, address: str) -> str:
    """By what it shows that a machine wrote this: an automatic answer, a bounce, bulk mail. Empty: a person."""
    return next(_marks(parsed, address), "")


def mailing_list(parsed: Parsed) -> str:
    """By what it shows that this came through a mailing list, to which people write. Empty: it came straight."""
    if _values(parsed, "List-Id"):
        return "List-Id"
    return "Precedence: list" if _precedence(parsed) == "list" else ""


def _marks(parsed: Parsed, address: str) -> Iterator[str]:
    said = first(parsed, "Auto-Submitted").partition(";")[0].strip().lower()
    if said and said != "no":
        yield f"Auto-Submitted: {one_line(said, 40)}"
    if _precedence(parsed) in _BULK:
        yield f"Precedence: {_precedence(parsed)}"
    if _values(parsed, "X-Autoreply") or _values(parsed, "X-Autorespond"):
        yield "X-Autoreply"
    if first(parsed, "Return-Path").strip() == "<>" or address.startswith(_MACHINES):
        yield "a bounce"
    if parsed.get_content_type() == "multipart/report":
        yield "a delivery report"


def _precedence(parsed: Parsed) -> str:
    return first(parsed, "Precedence").strip().lower()


def _values(parsed: Parsed, name: str) -> list[str]:
    """Every value of a header as it came. Bytes that are no ASCII stand in it as halves of characters."""
    return [str(value)[:_LONGEST_LIST] for key, value in parsed.raw_items() if key.lower() == name.lower()]


def first(parsed: Parsed, name: str, most: int = _LONGEST) -> str:
    """The first value of a header as it came, of a very long one the beginning; empty when there is none."""
    return next(iter(_values(parsed, name)), "")[:most]


def plain(raw: str) -> str:
    """Encoded words decoded; a value that cannot be is taken as it stands."""
    whole = _readable(raw)
    try:
        parts = decode_header(whole)
    except (HeaderParseError, ValueError, AssertionError):
        return whole
    return "".join(part if isinstance(part, str) else decoded(part, charset) for part, charset in parts)


def _readable(raw: str) -> str:
    """Bytes that the parser kept as halves of characters, read as UTF-8."""
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if not raw.isascii() else raw
