"""The quotation as a PDF, by typst: equal data gives equal bytes, on every machine and in every process."""

import json
import re
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst
from django.conf import settings

from workflows_app.delivery.letter_filters import date_text, money
from workflows_app.delivery.numbers import document_number
from workflows_app.delivery.quote_document import QuoteDocument, QuoteDocumentLine

# a word longer than a column could not be wrapped: it may break after every ten characters.
_LONG_WORD = re.compile(r"\S{19,}")
_TEN = re.compile(r"(\S{10})(?=\S)")


def render_pdf(document: QuoteDocument) -> bytes:
    """One PDF file on US Letter."""
    return _compile(document, "pdf")[0]


def render_pages(document: QuoteDocument, ppi: float = 110) -> list[bytes]:
    """Each page as a PNG image, for a preview."""
    return _compile(document, "png", ppi)


def _compile(document: QuoteDocument, output: Literal["pdf", "png"], ppi: float = 144) -> list[bytes]:
    """One file per page for images, one in all for PDF. The date in the file is the quotation's, not today."""
    moment = datetime.combine(document.date, time(), tzinfo=UTC)
    result = typst.compile(
        str(_folder() / "quote.typ"),
        root=str(_folder()),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format=output,
        ppi=ppi,
        sys_inputs={"quote": json.dumps(page_data(document), sort_keys=True)},
        timestamp=int(moment.timestamp()),
    )
    return list(result) if isinstance(result, list) else [result]


def page_data(document: QuoteDocument) -> dict[str, Any]:
    """Everything that the page shows, as text; `quote.typ` only arranges it."""
    with_quantity = any(line.quantity != 1 for line in document.lines)
    number = document_number(document.number)
    return {
        "title": f"Quotation {number}, revision {document.revision}",
        "created": {"year": document.date.year, "month": document.date.month, "day": document.date.day},
        "company": _company(),
        "customer": _customer(document),
        "facts": _facts(document, number),
        "with_quantity": with_quantity,
        "lines": [_cells(position, line, with_quantity) for position, line in enumerate(document.ordered, 1)],
        "total_label": "Total" if with_quantity else "Total for one case of each item",
        "total": money(document.total),
        "terms": _terms(document),
        "notes": _breakable(document.notes),
    }


def _company() -> dict[str, str]:
    ours: dict[str, str] = settings.COMPANY
    return {
        "name": ours["name"],
        "address": ours["address"],
        "contact": f"{ours['name']}  ·  {ours['phone']}  ·  {ours['email']}",
    }


def _customer(document: QuoteDocument) -> dict[str, str]:
    name = document.customer.name
    return {
        "name": _breakable(name),
        "short": _breakable(name if len(name) <= 60 else name[:57] + "…"),
        "billing_address": _breakable(document.customer.billing_address),
        "shipping_address": _breakable(document.customer.shipping_address or document.customer.billing_address),
    }


def _facts(document: QuoteDocument, number: str) -> list[tuple[str, str]]:
    """The box at the right: label and value, without what is not known."""
    facts = [
        ("Quote no.", number),
        ("Revision", str(document.revision)),
        ("Date", date_text(document.date)),
        ("Valid until", date_text(document.valid_until)),
        ("School year", document.school_year),
        ("Terms", document.terms),
        ("Prepared by", document.prepared_by),
    ]
    return [(label, _breakable(value)) for label, value in facts if value]


def _cells(position: int, line: QuoteDocumentLine, with_quantity: bool) -> list[str]:
    texts = [str(position), *map(_breakable, (line.item_code, line.description, line.pack_size))]
    if not with_quantity:
        return [*texts, money(line.case_price)]
    amount: Decimal = line.quantity * line.case_price
    return [*texts, f"{line.quantity:,}", money(line.case_price), money(amount)]


def _terms(document: QuoteDocument) -> list[str]:
    sentences = [
        "Prices are in U.S. dollars per case of the pack size shown.",
        f"Prices hold for orders placed through {date_text(document.valid_until)}. Taxes and deposits, where they "
        "apply, are not included.",
        "This is a price quotation, not an order: it does not oblige you to buy any quantity.",
    ]
    return [f"Payment terms: {_breakable(document.terms)}.", *sentences] if document.terms else sentences


def _breakable(text: str) -> str:
    return _LONG_WORD.sub(lambda word: _TEN.sub("\\1\u200b", word[0]), text)


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "quote"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The bundled fonts and no others: a machine's own fonts would change the bytes."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_folder() / "fonts")])
