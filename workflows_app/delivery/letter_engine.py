"""A Django template engine that fails where Django's would stay silent (QUALITY.md, trap 7).

A name that is missing, NULL or blank is an error (unless `|default`, or tested by `if`). Only mappings and lists are
walked, so nothing is ever called. A list, a mapping or a bare date is never printed. Nothing is escaped, because
letters are plain text. No tag or filter exists beyond `letter_filters` and `for`.
"""

import re
from collections.abc import Mapping
from typing import Any

from django.template import Context, Engine, Origin, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Node, NodeList, Parser, Token, Variable
from django.template.defaulttags import ForNode, do_for
from django.template.library import Library

from workflows_app.delivery import letter_filters
from workflows_app.delivery.letter_filters import LetterError, is_blank

_NOT_VARIABLES = frozenset({"forloop", "True", "False", "None"})
# a line that holds only tags leaves no empty line behind.
_TAG_LINE = re.compile(r"^[ \t]*((?:\{%[^\n]*?%\})+)[ \t]*\n", re.MULTILINE)


class LetterContext(Context):
    """Values of one letter; `failures` keeps what `if` swallows (Django's operators catch everything)."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(dict(values), autoescape=False, use_l10n=False, use_tz=False)
        self.failures: list[str] = []

    def fail(self, message: str) -> LetterError:
        """Record a failure; returns the error to raise."""
        self.failures.append(message)
        return LetterError(message)


class StrictVariable(Variable):
    """A dotted name, walked through mappings and lists only."""

    def _resolve_lookup(self, context: LetterContext) -> Any:
        current: Any = context
        names = self.lookups or ()
        for position, bit in enumerate(names):
            try:
                current = current[int(bit) if isinstance(current, list) else bit] if _walks(current) else _missing()
            except (LookupError, ValueError):
                raise context.fail(f"{'.'.join(names[: position + 1])} is missing") from None
        return current


class StrictExpression(FilterExpression):
    """A name with its filters. `must_be_list`: what a `for` runs over."""

    __slots__ = ("must_be_list",)

    def __init__(self, token: str, parser: "LetterParser") -> None:
        super().__init__(token, parser)
        self.must_be_list = False
        if isinstance(self.var, Variable):
            self.var = StrictVariable(self.var.var)
            parser.note(self.var)
        self.filters = [(function, [_strict(arg, parser) for arg in args]) for function, args in self.filters]

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        """The value; without `ignore_failures` it is about to be printed, and must be printable."""
        if not isinstance(context, LetterContext):
            raise TypeError("a letter is filled by TextTemplate.fill")
        raw = self.var.resolve(context) if isinstance(self.var, Variable) else self.var
        if not ignore_failures and self._is_hole(raw):
            raise context.fail(f"{self.token} is empty")
        value = self._filtered(context) if self.filters else raw
        if self.must_be_list and not isinstance(value, list):
            raise context.fail(f"{self.token} is not a list")
        if not ignore_failures and (isinstance(value, bool) or not isinstance(value, str | int)):
            raise context.fail(f"{self.token} is a {type(value).__name__}, which needs a filter to be printed")
        return value

    def _filtered(self, context: LetterContext) -> Any:
        try:
            return super().resolve(context)
        except LetterError as error:
            raise context.fail(f"{self.token}: {error}") from error

    def _is_hole(self, raw: Any) -> bool:
        """Whether printing would leave a hole in the sentence."""
        has_default = bool(self.filters) and self.filters[0][0] is letter_filters.default
        return is_blank(raw) and not has_default


class LetterParser(Parser):
    """Compiles strict expressions and notes the variables that they use."""

    def __init__(self, source: str, library: Library) -> None:
        super().__init__(Lexer(source).tokenize(), builtins=[library])
        self.names: set[str] = set()

    def note(self, variable: Variable) -> None:
        """Remember the top-level name of `variable`."""
        if variable.lookups:
            self.names.add(variable.lookups[0])

    def compile_filter(self, token: str) -> StrictExpression:
        """One `name|filter` expression."""
        return StrictExpression(token, self)


class TextTemplate(Template):
    """One compiled text. `variables`: the top-level names it uses, loops' own excluded."""

    def __init__(self, source: str, name: str) -> None:
        self.variables: frozenset[str] = frozenset()
        try:
            super().__init__(_TAG_LINE.sub(r"\1", source), Origin(name), name, _ENGINE)
        except TemplateSyntaxError as error:
            raise LetterError(f"{name}: {error}") from error

    def compile_nodelist(self) -> NodeList:
        """Compile with the strict parser."""
        parser = LetterParser(self.source, letter_filters.register)
        nodes = parser.parse()
        bound = {name for node in nodes.get_nodes_by_type(ForNode) for name in _loop_names(node)}
        self.variables = frozenset(parser.names - bound - _NOT_VARIABLES)
        return nodes

    def fill(self, values: Mapping[str, Any]) -> str:
        """The text with `values` in it. Raises `LetterError`."""
        context = LetterContext(values)
        try:
            text = str(self.render(context))
        except LetterError as error:
            raise LetterError(f"{self.name}: {error}") from error
        if context.failures:
            raise LetterError(f"{self.name}: {context.failures[0]}")
        return text


_ENGINE = Engine(autoescape=False)


@letter_filters.register.tag("for")
def for_tag(parser: LetterParser, token: Token) -> ForNode:
    """Django's `for`; what it runs over must be a list."""
    node = do_for(parser, token)
    if isinstance(node.sequence, StrictExpression):
        node.sequence.must_be_list = True
    return node


def _loop_names(node: Node) -> list[str]:
    """The names that a `for` binds."""
    return list(node.loopvars) if isinstance(node, ForNode) else []


def _walks(value: object) -> bool:
    return isinstance(value, (dict, list, LetterContext))


def _missing() -> Any:
    raise KeyError


def _strict(arg: tuple[bool, Any], parser: LetterParser) -> tuple[bool, Any]:
    """A filter's argument, with a variable made strict."""
    is_name, value = arg
    if not is_name:
        return arg
    variable = StrictVariable(value.var)
    parser.note(variable)
    return True, variable
