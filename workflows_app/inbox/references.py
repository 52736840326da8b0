"""Which invoices a text may name. Whether there are such invoices, only the ledger knows."""

import re
from typing import Final

MOST_CANDIDATES: Final = 40
_LONGEST: Final = 40
# A shorter number alone counts cases, days or dollars.
_SHORTEST_NUMBER: Final = 3
# INV1042, INV-1042, INV 1042, #1042, 2026/1042
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,6}[-_ #]{0,2})?\d[\dA-Za-z/_-]{0,30}(?![A-Za-z0-9])")
_NAMED: Final = re.compile(
    r"\b(?:(INV[-_]?\d[\dA-Z/_-]{0,30})|(?:invoice|inv|bill)s?[ \t]{0,3}(?:no|nr|number|num|ref)?[.:# \t-]{0,4}"
    r"((?:[A-Z]{1,6}[-_]?)?\d[\dA-Z/_-]{1,30}))",
    re.IGNORECASE,
)


def candidates(text: str) -> tuple[str, ...]:
    """What may be the number of an invoice, in order and in capitals, each as it is written and run together."""
    found: dict[str, None] = {}
    for match in _NUMBER.finditer(text):
        for form in _forms(match.group().upper()):
            found[form] = None
        if len(found) >= MOST_CANDIDATES:
            break
    return tuple(found)[:MOST_CANDIDATES]


def named(text: str) -> str:
    """The first number that the text itself calls an invoice's; empty when there is none."""
    found = _NAMED.search(text)
    return (found.group(1) or found.group(2)).upper()[:_LONGEST] if found else ""


def _forms(text: str) -> tuple[str, ...]:
    """INV-1042 is also looked for as INV1042 and 1042, and the other way round."""
    letters = "".join(re.findall(r"^[A-Z]+", text))
    digits = text[len(letters) :].lstrip("-_ #").rstrip("-_/")
    forms = [*((text.strip(), f"{letters}{digits}", f"{letters}-{digits}") if letters else ())]
    forms += [f"INV{digits}", digits] if len(digits) >= _SHORTEST_NUMBER else []
    return tuple(dict.fromkeys(form[:_LONGEST] for form in forms))
