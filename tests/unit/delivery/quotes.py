"""Quotations for tests."""

from decimal import Decimal
from typing import Any


def quotation(count: int = 3, **changes: Any) -> dict[str, Any]:
    """The body of `POST /api/quote/pdf` with `count` lines; `first` changes its first line, the total follows."""
    lines = [line(position) for position in range(1, count + 1)]
    lines[0] |= changes.pop("first", {})
    total = sum(Decimal(line["case_price"]) * line.get("quantity", 1) for line in lines)
    customer = {
        "name": "O'Brien & Söhne 100%",
        "billing_address": "381 Canada Street\nLake George, NY 12845",
        "shipping_address": "Dock 2\n69 Sun Valley Drive\nLake George, NY 12845",
    }
    return {
        "number": "cs-est-6f1c2f0e-5d0a-5b7e-9a35-0c5f3c1b7a11",
        "revision": 2,
        "date": "2026-11-21",
        "valid_until": "2026-12-21",
        "school_year": "2026-27",
        "customer": customer,
        "prepared_by": "Dana Whitfield",
        "terms": "Net 30",
        "notes": None,
        "lines": lines,
        "total": str(total),
        **changes,
    }


def line(position: int) -> dict[str, Any]:
    """One line; the price differs by position."""
    return {
        "line": position,
        "item_code": f"FD-{1000 + position}",
        "description": "Chicken breast fillets, breaded, whole grain",
        "pack_size": "4/5 lb",
        "case_price": f"{20 + position % 50}.{position % 100:02d}",
    }
