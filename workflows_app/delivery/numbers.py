"""The number that people see in place of an id that was derived here."""

import re

_DERIVED = re.compile(r"cs-est-([0-9a-f]{5})([0-9a-f]{3})-([0-9a-f]{2})[0-9a-f-]*")


def document_number(quote_id: str) -> str:
    """`Q-6F1C2-F0E5D` for `cs-est-6f1c2f0e-5d0a-…`, in letters and on the PDF alike; any other text as it is."""
    match = _DERIVED.fullmatch(quote_id)
    return f"Q-{match[1]}-{match[2]}{match[3]}".upper() if match else quote_id
