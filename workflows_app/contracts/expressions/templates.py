"""`${{ }}` in the strings of a contract, and in the lists and mappings that hold them."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from approvals.canonical import to_json
from workflows_app.contracts.expressions.evaluator import evaluate
from workflows_app.contracts.expressions.values import NOUNS, Env, EvaluationError, ExpressionError, Value, family

_OPEN = "${{"
_MAPPINGS = (dict, Mapping)  # the concrete type first: the protocol is slow to ask for
_SEQUENCES = (list, tuple)
_HOLE = re.compile(r"\$\{\{((?:'[^']*'|[^'])*?)\}\}", re.DOTALL)  # }} inside quotes does not close


def render(template: Any, env: Env) -> Value:
    """`template` with every `${{ }}` in it evaluated, at any depth.

    A string that is only one `${{ }}` gives the value itself; otherwise the values become text. Of a placeholder
    mapping only `of` is rendered. Raises `ExpressionError`, and `EvaluationError` (also for NULL, a list or
    a row in the midst of text).
    """
    if isinstance(template, str):
        return _render_text(template, env) if _OPEN in template else template
    if isinstance(template, _MAPPINGS):
        if "placeholder" in template:
            return {key: render(part, env) if key == "of" else part for key, part in template.items()}
        return {key: render(part, env) for key, part in template.items()}
    if isinstance(template, _SEQUENCES):
        return [render(element, env) for element in template]
    return template


def template_expressions(text: str) -> list[tuple[str, int]]:
    """The expressions inside the `${{ }}` of a string, without blanks around them, each with its 0-based offset.

    Raises `ExpressionError` for a `${{` that is not closed.
    """
    return [(part.strip(), offset) for part, offset in _parts(text) if offset >= 0]


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[tuple[str, int], ...]:
    """The string in pieces: plain text with offset -1, expressions with theirs."""
    parts: list[tuple[str, int]] = []
    end = 0
    while (start := text.find(_OPEN, end)) >= 0:
        hole = _HOLE.match(text, start)
        if hole is None:
            raise ExpressionError("${{ is not closed by }}", start)
        inside = hole[1]
        parts += [(text[end:start], -1), (inside.strip(), hole.start(1) + len(inside) - len(inside.lstrip()))]
        end = hole.end()
    parts.append((text[end:], -1))
    return tuple(part for part in parts if part[0] or part[1] >= 0)


def _render_text(text: str, env: Env) -> Value:
    parts = _parts(text)
    if len(parts) == 1:
        return evaluate(parts[0][0], env)
    return "".join(part if offset < 0 else _as_text(part, evaluate(part, env)) for part, offset in parts)


def _as_text(expression: str, value: Value) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal | date):
        return str(to_json(value))
    what = "NULL" if value is None else NOUNS[family(value)]
    raise EvaluationError(f"${{{{ {expression} }}}} is {what}, which cannot stand in the midst of text")
