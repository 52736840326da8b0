"""The tag `if` and the filters of letters; `letter_engine` adds `for`. Nothing else exists in a letter.

Django's own filters and tags are not there, because several of them load code, other files or hide a missing value.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.template import Library, TemplateSyntaxError
from django.template.base import Parser, Token
from django.template.defaulttags import IfNode, do_if

from workflows_app.delivery.numbers import document_number

register = Library()

_ORDERING = frozenset({"<", ">", "<=", ">="})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


class LetterError(ValueError):
    """A letter cannot be written; the message says which letter, and what is missing or wrong."""


@register.tag("if")
def if_tag(parser: Parser, token: Token) -> IfNode:
    """Django's `if` without ordering: money is text in a letter, and text sorts wrongly."""
    if _ORDERING & set(token.split_contents()):
        raise TemplateSyntaxError("compare sizes in the contract, not in the letter")
    return do_if(parser, token)


@register.filter
def default(value: Any, text: Any) -> Any:
    """`text` in place of NULL or blank text."""
    return text if is_blank(value) else value


@register.filter
def money(value: Any) -> str:
    """`1234.5` as `$1,234.50`; takes a decimal, a whole number or canonical text."""
    try:
        amount = Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
        cents = None if amount is None else amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    except InvalidOperation:
        cents = None
    if cents is None or not cents.is_finite():
        raise LetterError(f"{value!r} is not an amount of money")
    return f"-${-cents:,}" if cents < 0 else f"${cents:,}"


@register.filter("date")
def date_text(value: Any) -> str:
    """A date, a moment or its canonical text as `Nov 21, 2026`."""
    try:
        day = value if isinstance(value, date) else datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise LetterError(f"{value!r} is not a date") from error
    return f"{day:%b} {day.day}, {day.year}"


@register.filter
def quoted(value: Any) -> str:
    """Someone else's words, each line behind `> `, at most 20 lines and 2,000 characters."""
    if not isinstance(value, str):
        raise LetterError(f"{value!r} is not text that could be quoted")
    lines = _CONTROL.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n"))[:2000].strip().split("\n")
    kept = [line.rstrip() for line in lines][:20]
    return "\n".join(f"> {line}".rstrip() for line in kept)


@register.filter("document_number")
def document_number_text(value: Any) -> str:
    """The number that people see in place of a quote's id, the same as on its PDF."""
    if not isinstance(value, str):
        raise LetterError(f"{value!r} is not an id")
    return document_number(value)


@register.filter
def pluralize(value: Any, endings: str = "s") -> str:
    """The ending for a number or a list: `s`, or one of `singular,plural`."""
    count = value if isinstance(value, int) else length(value)
    singular, _, plural = endings.rpartition(",")
    return singular if count == 1 else plural


@register.filter
def length(value: Any) -> int:
    """How many elements a list has."""
    if not isinstance(value, list):
        raise LetterError(f"{value!r} is not a list")
    return len(value)


def is_blank(value: object) -> bool:
    """Whether `value` would leave a hole in a sentence."""
    return value is None or (isinstance(value, str) and not value.strip())
