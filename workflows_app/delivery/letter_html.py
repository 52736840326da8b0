"""The HTML of a letter: a pure function of its text, so that whoever approves the text approves the HTML.

A line of the text is one of four: `- ` an item, `> ` somebody else's words, two blanks and `name: value` a fact, and
anything else the letter itself. Items that all end in an amount are a statement. Whatever the text says is escaped:
markup comes from the formats of this module alone. There are no links, no pictures, and nothing is fetched.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_ITEM: Final = re.compile(r"- +(.*)")
_QUOTED: Final = re.compile(r"> ?(.*)")
_FACT: Final = re.compile(r" {2,}([^:]{1,60}): +(.*)")
_STATED: Final = re.compile(r"(.+): +(-?\$[\d,]+\.\d\d(?: \([^()]*\))?)")

_PAGE: Final = (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width">\n<title>{}</title>\n</head>\n'
    '<body style="margin:0;padding:0;background-color:#ffffff">\n'
    '<div style="max-width:40em;margin:0 auto;padding:24px 16px;color:#1f2933;background-color:#ffffff;'
    'font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5">\n{}{}</div>\n</body>\n</html>\n'
)
_LETTERHEAD: Final = (
    '<div style="margin:0 0 24px;padding:0 0 8px;border-bottom:2px solid #2f6f4f;color:#2f6f4f;'
    'font-size:18px;font-weight:bold">{}</div>\n'
)
_PARAGRAPH: Final = '<p style="margin:0 0 16px">{}</p>\n'
_QUOTE: Final = (
    '<blockquote style="margin:0 0 16px;padding:0 0 0 12px;border-left:3px solid #cbd2d9;color:#52606d">'
    "{}</blockquote>\n"
)
_LIST: Final = '<ul style="margin:0 0 16px;padding:0 0 0 24px">\n{}</ul>\n'
_LIST_ITEM: Final = '<li style="margin:0 0 4px">{}</li>\n'
_TABLE: Final = (
    '<table role="presentation" cellpadding="0" cellspacing="0" style="margin:0 0 16px;border-collapse:collapse">\n'
    "{}</table>\n"
)
_FACT_ROW: Final = (
    '<tr><td style="padding:2px 16px 2px 0;color:#52606d;vertical-align:top">{}</td>'
    '<td style="padding:2px 0;vertical-align:top">{}</td></tr>\n'
)
_STATED_ROW: Final = (
    '<tr><td style="padding:6px 24px 6px 0;border-bottom:1px solid #e4e7eb;vertical-align:top">{}</td>'
    '<td style="padding:6px 0;border-bottom:1px solid #e4e7eb;text-align:right;vertical-align:top;'
    'white-space:nowrap">{}</td></tr>\n'
)


def html_of(body: str, letterhead: str) -> str:
    """The HTML that leaves beside the text `body`; `letterhead` stands over it, unless it is empty."""
    head = format_html(_LETTERHEAD, letterhead) if letterhead else ""
    lines = _CONTROL.sub(" ", body.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    blocks = [(kind, list(group)) for kind, group in groupby(lines, key=_kind) if kind]
    return str(format_html(_PAGE, letterhead, head, format_html_join("", "{}", ((_BLOCKS[k](g),) for k, g in blocks))))


def _kind(line: str) -> str:
    """What a line is; empty for a blank one, which ends what stands before it."""
    if not line.strip():
        return ""
    return next((kind for kind, form in _FORMS.items() if form.fullmatch(line)), "text")


def _text(lines: Sequence[str]) -> SafeString:
    return format_html(_PARAGRAPH, _broken(lines))


def _quote(lines: Sequence[str]) -> SafeString:
    return format_html(_QUOTE, _broken([_parts(_QUOTED, line)[0] for line in lines]))


def _facts(lines: Sequence[str]) -> SafeString:
    return format_html(_TABLE, format_html_join("", _FACT_ROW, (_parts(_FACT, line) for line in lines)))


def _items(lines: Sequence[str]) -> SafeString:
    """A statement, when each item ends in an amount, else a list."""
    items = [_parts(_ITEM, line)[0] for line in lines]
    if all(_STATED.fullmatch(item) for item in items):
        return format_html(_TABLE, format_html_join("", _STATED_ROW, (_parts(_STATED, item) for item in items)))
    return format_html(_LIST, format_html_join("", _LIST_ITEM, ((item,) for item in items)))


def _broken(lines: Sequence[str]) -> SafeString:
    return format_html_join(SafeString("<br>\n"), "{}", ((line.strip(),) for line in lines))


def _parts(form: re.Pattern[str], line: str) -> tuple[str, ...]:
    found = form.fullmatch(line)
    return found.groups() if found else (line,)


_FORMS: Final[Mapping[str, re.Pattern[str]]] = {"item": _ITEM, "quote": _QUOTED, "fact": _FACT}
_BLOCKS: Final[Mapping[str, Callable[[Sequence[str]], SafeString]]] = {
    "item": _items,
    "quote": _quote,
    "fact": _facts,
    "text": _text,
}
