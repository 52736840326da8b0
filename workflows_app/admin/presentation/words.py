"""Names that people use for tables, columns and workflows."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from workflows_app.admin.presentation.names import name_of

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
_PLURALS: Final = {"price in force": "prices in force", "weekly anomaly count": "weekly anomaly counts"}
_MONEY: Final = re.compile(r"(.*_)?(amount|balance|basis|cost|limit|price|rate|total|unpaid)(_open)?|foreign\w+")
PRICES: Final = ("case_price", "rate", "price")
ADDED: Final = ("amount", "total_open", "total", "foreignamountunpaid", *PRICES)
_CAMEL: Final = re.compile(r"(?<=[a-z])[A-Z]")
_NAMING: Final = ("companyname", "customer_name", "name", "tranid", "item_code", "customer_id", "quote_id", "entity_id")


def table(name: str) -> str:
    """The singular of what a table holds, e.g. `customer program`."""
    return _TABLES.get(name, name.replace("_", " "))


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


def money(amount: str | None) -> str:
    """An amount with separators; what is no number as it stands."""
    try:
        return f"{Decimal(amount or ''):,.2f}"
    except InvalidOperation:
        return amount or ""


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
