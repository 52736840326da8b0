"""The quotation as a PDF, by typst: equal data gives equal bytes, on every machine and in every process."""

import json
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import typst
from django.conf import settings

from workflows_app.delivery.letter_filters import date_text, money
from workflows_app.delivery.numbers import document_number
from workflows_app.delivery.quote_document import QuoteDocument, QuoteDocumentLine, QuoteError

# a word longer than a column could not be wrapped: it may break after every ten characters.
_LONG_WORD = re.compile(r"\S{19,}")
_TEN = re.compile(r"(\S{10})(?=\S)")


# characters that no bundled font has; typst names them when a file must be readable by everybody (PDF/UA).
_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_MARK: Final = "\ufffd"
_NOTICE: Final = f"{_MARK} stands for a character that we cannot print. Please ask us for the exact wording."
_ROUNDS: Final = 3

_LOGO_FORMATS: Final = {".svg": "svg", ".png": "png", ".jpg": "jpg", ".jpeg": "jpg"}
_LARGEST_LOGO: Final = 500_000


def render_pdf(document: QuoteDocument) -> bytes:
    """One PDF file on US Letter, tagged for screen readers (PDF/UA-1).

    Characters that no font has are marked, and the page says so. Raises `QuoteError` when the logo cannot be used.
    """
    data = page_data(document)
    for _ in range(_ROUNDS):
        try:
            return _compile(data, document.date, "pdf", readable=True)[0]
        except typst.TypstError as error:
            missing = _missing(error)
            if not missing:
                raise _refused(error, data) from error
            data = {**_marked(data, missing), "notice": _NOTICE}
    return _compile(data, document.date, "pdf")[0]


def render_pages(document: QuoteDocument, ppi: float = 110) -> list[bytes]:
    """Each page as a PNG image, for a preview."""
    return _compile(page_data(document), document.date, "png", ppi=ppi)


def _compile(
    data: dict[str, Any], day: date, output: Literal["pdf", "png"], *, ppi: float = 144, readable: bool = False
) -> list[bytes]:
    """One file per page for images, one in all for PDF. The date in the file is the quotation's, not today."""
    result = typst.compile(
        str(_folder() / "quote.typ"),
        root=str(_folder()),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format=output,
        ppi=ppi,
        pdf_standards=["ua-1"] if readable else [],
        sys_inputs={"quote": json.dumps(data, sort_keys=True)},
        timestamp=int(datetime.combine(day, time(), tzinfo=UTC).timestamp()),
    )
    return list(result) if isinstance(result, list) else [result]


def _missing(error: typst.TypstError) -> set[str]:
    """The characters that typst could not display."""
    texts = (_ESCAPED.sub(lambda code: chr(int(code[1], 16)), text) for text in _MISSING.findall(error.diagnostic))
    return {character for text in texts for character in text if ord(character) > 127}


def _refused(error: typst.TypstError, data: dict[str, Any]) -> Exception:
    """The only thing of the page that is neither ours nor text is the logo."""
    return QuoteError(f"COMPANY_LOGO is not a picture: {error.message}") if data["company"]["logo"] else error


def _marked(data: dict[str, Any], missing: set[str]) -> dict[str, Any]:
    """The same data with a mark in place of each character in `missing`."""
    marked: dict[str, Any] = json.loads(
        json.dumps(data, ensure_ascii=False).translate({ord(character): _MARK for character in missing})
    )
    return marked


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
        "widths": _widths(document),
        "lines": [_cells(position, line, with_quantity) for position, line in enumerate(document.ordered, 1)],
        "total_label": "Total" if with_quantity else "Total for one case of each item",
        "total": money(document.total),
        "terms": _terms(document),
        "notes": _breakable(document.notes),
        "notice": "",
    }


def _widths(document: QuoteDocument) -> dict[str, int]:
    """Points for the columns of codes and packs: room for the longest on one line, within limits."""
    codes = max(len(line.item_code) for line in document.lines)
    packs = max(len(line.pack_size) for line in document.lines)
    return {"code": min(max(14 + 6 * codes, 62), 110), "pack": min(max(14 + 5 * packs, 62), 100)}


def _company() -> dict[str, Any]:
    ours: dict[str, str] = settings.COMPANY
    return {
        "logo": _logo(ours.get("logo", "")),
        "name": ours["name"],
        "address": ours["address"],
        "contact": f"{ours['name']}  ·  {ours['phone']}  ·  {ours['email']}",
    }


def _logo(path: str) -> dict[str, Any] | None:
    """The picture of the settings, as typst takes it; None for the leaf that is drawn. Raises `QuoteError`."""
    if not path:
        return None
    kind = _LOGO_FORMATS.get(Path(path).suffix.lower())
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise QuoteError(f"COMPANY_LOGO cannot be read: {error}") from error
    if kind is None or len(content) > _LARGEST_LOGO:
        raise QuoteError("COMPANY_LOGO is not an SVG, PNG or JPEG file of at most 500 kB")
    return {"content": list(content), "format": kind}


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
