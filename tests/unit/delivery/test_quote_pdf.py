"""The PDF: equal data, equal bytes (QUALITY.md, test 32); long, many and hostile texts."""

import hashlib
import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests.unit.delivery.payloads import PAYLOADS
from tests.unit.delivery.quotes import quotation
from workflows_app.delivery import quote_pdf
from workflows_app.delivery.quote_document import QuoteError, read_document
from workflows_app.delivery.quote_pdf import page_data, render_pages, render_pdf

_IN_ANOTHER_PROCESS = """
import django, hashlib, json, sys
django.setup()
from workflows_app.delivery.quote_document import read_document
from workflows_app.delivery.quote_pdf import render_pdf
document = read_document(json.load(sys.stdin))
print(*{hashlib.sha256(render_pdf(document)).hexdigest() for _ in range(25)})
"""


def pdf(**changes: Any) -> bytes:
    return render_pdf(read_document(quotation(**changes)))


def test_the_same_quotation_is_the_same_bytes_fifty_times_and_in_another_process() -> None:
    digests = {hashlib.sha256(pdf(count=30)).hexdigest() for _ in range(25)}
    other = subprocess.run(
        [sys.executable, "-c", _IN_ANOTHER_PROCESS],
        input=json.dumps(quotation(count=30)), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert digests == {other.stdout.strip()}


def test_the_file_is_dated_by_the_quotation_and_not_by_today() -> None:
    dates = set(re.findall(rb"/(?:Creation|Mod)Date\s*\(D:(\d{8})", pdf()))

    assert dates == {b"20261121"}


@pytest.mark.parametrize("change", [{"revision": 3}, {"terms": "Net 15"}, {"first": {"case_price": "21.02"}}])
def test_another_quotation_is_other_bytes(change: dict[str, Any]) -> None:
    assert pdf(**change) != pdf()


def test_it_is_a_pdf_of_one_us_letter_page() -> None:
    content = pdf()

    assert content.startswith(b"%PDF-")
    assert re.search(rb"/MediaBox\s*\[0 0 612 792\]", content)
    assert len(render_pages(read_document(quotation()), ppi=20)) == 1


def test_five_hundred_lines_take_several_pages_and_little_time() -> None:
    started = time.process_time()
    pages = render_pages(read_document(quotation(count=500)), ppi=10)

    assert 8 <= len(pages) <= 20
    assert time.process_time() - started < 10


@pytest.mark.parametrize("first", [{"description": "x" * 200}, {"item_code": "W" * 200}, {"pack_size": "wide " * 40}])
def test_long_texts_wrap_instead_of_leaving_the_page(first: dict[str, Any]) -> None:
    data = page_data(read_document(quotation(first=first)))

    assert all(len(word) <= 18 for cell in data["lines"][0] for word in cell.replace("\u200b", " ").split())
    assert pdf(first=first) != pdf()


def test_ordinary_words_are_left_alone() -> None:
    data = page_data(read_document(quotation(first={"description": "Applesauce, unsweetened"})))

    assert data["lines"][0][2] == "Applesauce, unsweetened"


def test_the_columns_of_codes_and_packs_have_room_for_the_longest() -> None:
    short = page_data(read_document(quotation()))["widths"]
    long = page_data(read_document(quotation(first={"item_code": "MILK-1PCT-HP-50", "pack_size": "6 × #10 cans"})))

    assert short["code"] < long["widths"]["code"] <= 110
    assert short["pack"] < long["widths"]["pack"] <= 100


def test_it_can_be_read_aloud() -> None:
    content = pdf()

    assert b"pdfuaid:part" in content
    assert b"<dc:title>" in content
    assert b"/Lang" in content
    assert re.search(rb"/Marked\s+true", content)


@pytest.mark.parametrize("text", ["Ελληνικά", "Кириллица", "שלום", "العربية", "Việt Nam", "🥕 ½ ≤ ①"])
def test_many_scripts_have_letters(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(quote_pdf, "_marked", lambda data, missing: pytest.fail(f"missing: {missing}"))

    assert pdf(notes=text).startswith(b"%PDF-")


def test_characters_that_no_font_has_are_marked_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[dict[str, Any]] = []
    compiled = quote_pdf._compile

    def recording(data: dict[str, Any], *args: Any, **kwargs: Any) -> list[bytes]:
        tried.append(data)
        return compiled(data, *args, **kwargs)

    monkeypatch.setattr(quote_pdf, "_compile", recording)
    content = pdf(notes="Tofu 豆腐 \ue000 fresh", first={"description": "ข้าว Rice"})

    assert b"pdfuaid:part" in content
    shown = tried[-1]
    assert shown["notes"] == "Tofu \ufffd\ufffd \ufffd fresh"
    assert shown["lines"][0][2].endswith(" Rice")
    assert "cannot print" in shown["notice"]
    assert tried[0]["notice"] == ""
    assert content == pdf(notes="Tofu 豆腐 \ue000 fresh", first={"description": "ข้าว Rice"})


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 3"><rect width="9" height="3" fill="#24415f"/></svg>'


def test_our_own_logo_takes_the_place_of_the_leaf(settings: Settings, tmp_path: Path) -> None:
    drawn = pdf()
    (tmp_path / "logo.svg").write_bytes(SVG)
    settings.COMPANY = settings.COMPANY | {"logo": str(tmp_path / "logo.svg")}

    assert pdf() != drawn
    assert pdf() == pdf()
    assert b"pdfuaid:part" in pdf()


@pytest.mark.parametrize(("name", "content"), [("none.svg", None), ("a.gif", b"GIF"), ("big.png", b"x" * 500_001)])
def test_a_logo_that_cannot_be_used_is_said(
    settings: Settings, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    settings.COMPANY = settings.COMPANY | {"logo": str(tmp_path / name)}

    with pytest.raises(QuoteError, match="COMPANY_LOGO"):
        pdf()


def test_a_logo_that_is_no_picture_is_said(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"not a picture")
    settings.COMPANY = settings.COMPANY | {"logo": str(tmp_path / "logo.png")}

    with pytest.raises(QuoteError, match="COMPANY_LOGO is not a picture"):
        pdf()


def test_hostile_texts_are_only_text() -> None:
    hostile = [
        *PAYLOADS,
        '#panic("x")',
        '#import "@preview/x:1.0.0"',
        '#read("/etc/passwd")',
        "<label>",
        "@ref",
        "\\",
        "//",
    ]
    customer = {"name": "#panic()", "billing_address": "$x$", "shipping_address": "*b*"}

    for payload in hostile:
        assert pdf(notes=payload, customer=customer, first={"description": payload[:200]}).startswith(b"%PDF-")


def test_every_page_text_comes_from_the_document() -> None:
    data = page_data(read_document(quotation(notes="{{ x }} #panic()")))

    assert data["notes"] == "{{ x }} #panic()"
    assert data["facts"][0] == ("Quote no.", "Q-6F1C2-F0E5D")
    assert ("Valid until", "Dec 21, 2026") in data["facts"]
    assert data["total"] == "$66.06"


def test_quantities_show_only_when_there_are_any() -> None:
    assert len(page_data(read_document(quotation()))["lines"][0]) == 5
    cells = page_data(read_document(quotation(first={"quantity": 1200})))["lines"][0]
    assert cells[-3:] == ["1,200", "$21.01", "$25,212.00"]
