"""Letters of ours that a mail server gave back: what its report (RFC 3464) says of them.

Anybody can write such a report, so that nothing follows from one but that a person looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Parsed
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from typing import Final

from workflows_app.inbox import headers
from workflows_app.inbox.clean import one_line
from workflows_app.inbox.parse import FAULTS, readable

_LONGEST_REASON: Final = 300
_MOST_HEADERS: Final = 100_000
_REPORT: Final = b"delivery-status"


@dataclass(frozen=True, kw_only=True)
class GivenBack:
    """A letter that did not arrive, by its Message-ID, and the server's reason as it wrote it, or empty."""

    message_id: str
    said: str


def given_back(raw: bytes) -> GivenBack | None:
    """Which letter a message reports as undeliverable for good; None for all other mail. Never raises."""
    bounded = readable(raw)
    if _REPORT not in bounded.whole.lower():
        return None
    try:
        return _told(BytesParser(policy=compat32).parsebytes(bounded.whole))
    except FAULTS:
        return None


def _told(report: Parsed) -> GivenBack | None:
    kind = str(report.get_param("report-type") or "").lower()
    if report.get_content_type() != "multipart/report" or kind != _REPORT.decode() or not report.is_multipart():
        return None
    parts = [part for part in report.get_payload() if isinstance(part, Parsed)]
    failed = next((fields for part in parts for fields in _recipients(part) if _action(fields) == "failed"), None)
    original = next((found for part in parts if (found := _original(part))), "")
    return GivenBack(message_id=original, said=_reason(failed)) if failed is not None and original else None


def _recipients(part: Parsed) -> Iterator[Parsed]:
    """What the report says of each recipient; the first block, of the report as a whole, has no Action."""
    if part.get_content_type() == "message/delivery-status" and part.is_multipart():
        yield from (fields for fields in part.get_payload() if isinstance(fields, Parsed))


def _action(fields: Parsed) -> str:
    """`failed`, or that it may still arrive, or did: delayed, delivered, relayed, expanded."""
    said = headers.first(fields, "Action").partition("(")[0]
    return said.strip().lower()


def _reason(fields: Parsed) -> str:
    """Without the kind of code that stands before it (`smtp; 550 …`)."""
    kind, _, said = headers.first(fields, "Diagnostic-Code").partition(";")
    return one_line(said or kind or headers.first(fields, "Status"), _LONGEST_REASON)


def _original(part: Parsed) -> str:
    """The Message-ID of the letter that hangs on the report, whole or only its headers."""
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        return next((headers.message_id(each) for each in part.get_payload() if isinstance(each, Parsed)), "")
    payload = part.get_payload(decode=True) if part.get_content_type() == "text/rfc822-headers" else None
    if not isinstance(payload, bytes):
        return ""
    return headers.message_id(BytesHeaderParser(policy=compat32).parsebytes(payload[:_MOST_HEADERS]))
