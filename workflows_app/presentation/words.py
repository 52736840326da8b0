"""Names that people use for tables, columns and workflows."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from workflows_app.presentation.names import name_of

_TABLES: Final = {
    "anomaly_investigations": "anomaly investigation",
    "ar_aging": "open invoice",
    "ar_disputes": "dispute",
    "customer_profiles": "customer profile",
    "customer_programs": "customer program",
    "customers": "customer",
    "item_costs": "vendor cost",
    "pricing_master": "price in force",
    "proposed_pricing": "proposed price",
    "quote_lines": "quote line",
    "quotes": "quote",
    "spec_items": "item",
    "weekly_anomalies": "weekly anomaly count",
}
_COLUMNS: Final = {
    "ar_contact_email": "accounts-receivable contact",
    "companyname": "company name",
    "entitystatus": "status",
    "foreignamountunpaid": "open amount",
    "foreigntotal": "total",
    "lastmodifieddate": "last modified in NetSuite",
    "lifecycle_status": "status",
    "margin_pct": "margin %",
    "pdf_key": "PDF",
    "pricing_tier": "price tier",
    "terms_id": "payment terms",
    "trandate": "date",
    "tranid": "number",
}
_ACTIONS: Final = {
    "anomaly_response": "response to anomalies",
    "ar_hold_review": "decision on a service hold",
    "collection_action": "collection letter",
    "customer_email": "letter",
    "customer_escalation": "escalation",
    "customer_program": "customer program",
    "letter_again": "letter sent again",
    "letter_arrived": "letter that arrived",
    "propose_customer_program": "customer program",
    "quote_draft": "quote draft",
    "quote_email": "letter with a quote",
    "verify_correction": "correction after a failed check",
}
_KINDS: Final = {
    "d1_write": "our records",
    "flag": "follow-up",
    "hitl_email_draft": "draft of a letter",
    "http_call": "call",
    "loop_over_aging": "one for each customer",
    "ns_push": "NetSuite",
    "stage_proposed_action": "proposal",
}
_BY_HAND: Final = {"letter:again:": "sent again", "letter:arrived:": "arrived after all"}
_SHORT: Final = re.compile(r"\b(?:d1|ns|ar|pdf)\b", re.IGNORECASE)
_LONG: Final = {"d1": "our records", "ns": "NetSuite"}
_FIRST: Final = ("line", "row", "tranid", "number", "name", "customer_id", "customer", "customer_name", "item_code")
_LAST: Final = ("quantity", "status", "created_at", "proposed_at", "generated_at", "id")
_PLURALS: Final = {
    "decision on a service hold": "decisions on service holds",
    "letter with a quote": "letters with quotes",
    "response to anomalies": "responses to anomalies",
    "price in force": "prices in force",
}
_MONEY: Final = re.compile(r"(.*_)?(amount|balance|basis|cost|limit|price|rate|total|unpaid)(_open)?|foreign\w+")
STATES: Final = ("classification", "entitystatus", "kind", "lifecycle_status", "severity", "status", "tier", "type")
PRICES: Final = ("case_price", "rate", "price")
ADDED: Final = ("amount", "total_open", "total", "foreignamountunpaid", *PRICES)
# As on the letters and quotations.
SIGN: Final = "$"
_CAMEL: Final = re.compile(r"(?<=[a-z])[A-Z]")
_NAMING: Final = ("companyname", "customer_name", "name", "tranid", "item_code", "customer_id", "quote_id", "entity_id")


def table(name: str) -> str:
    """The singular of what a table holds, e.g. `customer program`."""
    return _TABLES.get(name, name.replace("_", " "))


def action(action_type: str) -> str:
    """What a proposal of this kind is, as a noun."""
    return _ACTIONS.get(action_type, spaced(action_type))


def in_order(names: Sequence[str]) -> list[str]:
    """Columns as a person reads them: what names the row, then the rest, then money, then what is told of every row."""
    return sorted(names, key=_rank)


def _rank(name: str) -> tuple[int, int]:
    if name in _FIRST:
        return 0, _FIRST.index(name)
    if name in _LAST:
        return 3, _LAST.index(name)
    return (2 if is_money(name) else 1), 0


def column(name: str) -> str:
    """A column title in words."""
    return _COLUMNS.get(name, spaced(_CAMEL.sub(lambda hump: f" {hump[0].lower()}", name.removesuffix("_id"))))


def spaced(name: str) -> str:
    """An identifier with spaces: `ar_hold_review` is `ar hold review`."""
    return name.replace("_", " ").replace(".", " ").strip()


def sentence(name: str) -> str:
    """The same as the beginning of a sentence."""
    text = spaced(name)
    return text[:1].upper() + text[1:]


def step(name: str) -> str:
    """The name of a step as a title: `ns_push` is “NetSuite push”, `write_d1` is “Write our records”.

    `verify:email_sent` is where a failed check proposes what to do: “After the check email sent”.
    """
    if name.startswith("verify:"):
        return f"After the check {spaced(name.removeprefix('verify:'))}"
    for by_hand, said in _BY_HAND.items():
        if name.startswith(by_hand):
            return f"{step(name.removeprefix(by_hand))}, {said}"
    return _SHORT.sub(lambda found: _LONG.get(found[0].lower(), found[0].upper()), sentence(name))


def step_kind(kind: str) -> str:
    """What a step of this kind deals with."""
    return _KINDS.get(kind, spaced(kind))


def money(amount: Decimal | str | None) -> str:
    """An amount as every page says it, `$1,234.50`, `-$5.00`; what is no number as it stands, and nothing for none."""
    if amount is None:
        return ""
    try:
        return signed(f"{Decimal(amount):,.2f}") if Decimal(amount).is_finite() else str(amount)
    except InvalidOperation:
        return str(amount)


def signed(number: str) -> str:
    """A number that is an amount, with the sign of the currency before its first digit."""
    return f"-{SIGN}{number[1:]}" if number.startswith("-") else f"{SIGN}{number}"


def is_money(name: str) -> bool:
    """Whether a column of this name holds an amount of money."""
    return bool(_MONEY.fullmatch(_CAMEL.sub(lambda hump: f"_{hump[0].lower()}", name)))


def counted(number: int, noun: str) -> str:
    """`1 letter`, `2 letters`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
    return f"{number:,} {_PLURALS.get(noun, plural)}"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def naming(values: Mapping[str, object]) -> str:
    """The column value that tells a person which row this is, or nothing."""
    for name in _NAMING:
        value = values.get(name)
        if isinstance(value, str) and value:
            return name_of(value) or value
    return ""
