"""The HTML of a letter says what its text says, and nothing else."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.delivery.payloads import PAYLOADS
from workflows_app.delivery.letter_html import html_of

TAGS = {"html", "head", "meta", "title", "body", "div", "p", "br", "blockquote", "ul", "li", "table", "tr", "td"}
ATTRIBUTES = {"lang", "charset", "name", "content", "style", "role", "cellpadding", "cellspacing"}


class Reader(HTMLParser):
    """The text in the body, the tags, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[tuple[str, str | None]] = set()
        self.feed(html.partition("<body")[2].join(["<body", ""]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def words(text: str) -> list[str]:
    return text.split()


def said(body: str) -> list[str]:
    """The words of a text, without the marks at the beginning of its lines and before its values."""
    lines = re.sub(r"\r\n?", "\n", body).split("\n")
    return words(" ".join(re.sub(r"^(?:- +|> ?)", "", line) for line in lines).replace(":", " "))


def test_each_kind_of_line_has_its_shape() -> None:
    said_and_listed = "Hello Ada,\nsecond line\n\n> you said\n> this\n\n- one\n- two\n\n"
    body = said_and_listed + "  Terms: Net 30\n\n- Inv 7: $1,200.00\n- Inv 8: $5.00 ($1.00 open)\n"

    html = html_of(body, "Larkfield")

    assert "Hello Ada,<br>\nsecond line</p>" in html
    assert "you said<br>\nthis</blockquote>" in html
    assert html.count("<li ") == 2
    assert re.findall(r">([^<>]+)</td>", html) == [
        "Terms", "Net 30", "Inv 7", "$1,200.00", "Inv 8", "$5.00 ($1.00 open)",
    ]  # fmt: skip
    assert ">Larkfield</div>" in html


def test_items_of_which_one_has_no_amount_are_a_list() -> None:
    html = html_of("- Invoice 7: $5.00\n- and one more\n", "")

    assert html.count("<li ") == 2
    assert "<table" not in html


def test_without_a_letterhead_there_is_none() -> None:
    assert "border-bottom:2px" not in html_of("Hello\n", "")


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("before", ["", "- ", "> ", "  Name: "])
def test_whatever_the_text_holds_is_shown_and_never_markup(payload: str, before: str) -> None:
    plain, hostile = Reader(html_of(f"{before}x\n", "x")), Reader(html_of(f"{before}{payload} x\n", payload))

    assert set(hostile.tags) <= TAGS
    assert {name for name, _value in hostile.attributes} <= ATTRIBUTES
    assert "a" not in hostile.tags
    assert "x" in "".join(plain.text)


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab <>&\"'-:$1.,()\n\r>\t\x00\u2028é"), max_size=80), st.text(max_size=10))
def test_the_html_says_every_word_of_the_text_in_order(body: str, letterhead: str) -> None:
    html = html_of(body, "")
    found = Reader(html)
    shown = words("".join(found.text).replace(":", " "))

    assert shown == said(re.sub(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]", " ", body))
    assert html_of(body, letterhead) == html_of(body, letterhead)
    assert {value for name, value in found.attributes if name == "style"} <= KNOWN_STYLES


KNOWN_STYLES = {
    value
    for name, value in Reader(html_of("a\n\n> b\n\n- c\n\n  D: e\n\n- f: $1.00\n", "g")).attributes
    if name == "style"
}
