"""How a body is read: JSON whose values survive storage, and not nested without end."""

import json
from decimal import Decimal
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from approvals.canonical import to_json

DEEPEST = 40


class BodyError(ValueError):
    """A body cannot be read; the message says why."""


class BodyParser(Parser):
    """Fractions become text, as in canonical text."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's data. Raises `BodyError`, and `ValueError` for what is no JSON."""
        try:
            data = json.loads(request.body.decode(), parse_float=Decimal, parse_constant=_no_constant)
            _refuse_deep(data)
            return to_json(data)
        except RecursionError as error:
            raise BodyError(_too_deep()) from error


def _refuse_deep(data: Any) -> None:
    """Level by level, so that this itself never goes deep."""
    level = [data]
    for _ in range(DEEPEST):
        level = [item for value in level for item in _items(value)]
        if not level:
            return
    raise BodyError(_too_deep())


def _items(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> str:
    return f"it is nested more than {DEEPEST} levels deep"


def _no_constant(name: str) -> NoReturn:
    raise BodyError(f"{name} is not a number")
