"""The PDF: equal data, equal bytes (QUALITY.md, test 32); long, many and hostile texts."""

import hashlib
import json
import re
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.unit.delivery.payloads import PAYLOADS
from tests.unit.delivery.quotes import quotation
from workflows_app.delivery.quote_document import read_document
from workflows_app.delivery.quote_pdf import page_data, render_pages, render_pdf

_IN_ANOTHER_PROCESS = """
import django, hashlib, json, sys
django.setup()
from workflows_app.delivery.quote_document import read_document
from workflows_app.delivery.quote_pdf import render_pdf
print(hashlib.sha256(render_pdf(read_document(json.load(sys.stdin)))).hexdigest())
"""


def pdf(**changes: Any) -> bytes:
    return render_pdf(read_document(quotation(**changes)))


def test_the_same_quotation_is_the_same_bytes_fifty_times_and_in_another_process() -> None:
    digests = {hashlib.sha256(pdf(count=30)).hexdigest() for _ in range(50)}
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
    started = time.monotonic()
    pages = render_pages(read_document(quotation(count=500)), ppi=10)

    assert 8 <= len(pages) <= 20
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("first", [{"description": "x" * 200}, {"item_code": "W" * 200}, {"pack_size": "wide " * 40}])
def test_long_texts_wrap_instead_of_leaving_the_page(first: dict[str, Any]) -> None:
    data = page_data(read_document(quotation(first=first)))

    assert all(len(word) <= 18 for cell in data["lines"][0] for word in cell.replace("\u200b", " ").split())
    assert pdf(first=first) != pdf()


def test_ordinary_words_are_left_alone() -> None:
    data = page_data(read_document(quotation(first={"description": "Applesauce, unsweetened"})))

    assert data["lines"][0][2] == "Applesauce, unsweetened"


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
