"""Text to syntax tree: a lark grammar, limits on length and depth, and messages a contract's author understands."""

from decimal import Decimal
from functools import lru_cache
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from workflows_app.contracts.expressions import nodes
from workflows_app.contracts.expressions.nodes import Node, Test
from workflows_app.contracts.expressions.values import ExpressionError

MAX_LENGTH = 4_000  # characters of one expression
MAX_DEPTH = 100  # levels of its tree; evaluation recurses once per level
_RESERVED = frozenset({"or", "and", "not", "is", "in", "like", "between"})
_AGGREGATES = frozenset({"MIN", "MAX", "SUM", "COUNT"})


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of an expression. Raises `ExpressionError`, and nothing else, for any other text."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"an expression is at most {MAX_LENGTH} characters long", MAX_LENGTH)
    if not text.strip():
        raise ExpressionError("an expression is missing")
    try:
        tree = cast(Node, _PARSER.parse(text))
    except UnexpectedInput as error:
        raise _explained(text, error) from None
    _limit_depth(tree)
    return tree


def _limit_depth(root: Node) -> None:
    pending: list[tuple[Node | Test, int]] = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise ExpressionError(f"an expression is at most {MAX_DEPTH} levels deep", node.offset)
        pending.extend((child, depth + 1) for child in node.children)


# --- messages -------------------------------------------------------------------------------------------------------

_CHARACTERS = {
    '"': "write text in single quotes: 'text'",
    "'": "this text is not closed; a quote inside text is written ''",
    "-": "-- is not allowed; put a blank between two minus signs",
    "|": "|| is not part of the language; join text with ${{ }} in a string",
    "?": "? stands for a parameter in SQL only; name the value here",
    "$": "an expression stands bare here, without ${{ }}",
}


def _explained(text: str, error: UnexpectedInput) -> ExpressionError:
    if isinstance(error, UnexpectedCharacters):
        offset = int(error.pos_in_stream or 0)
        return ExpressionError(_CHARACTERS.get(text[offset]) or _unexpected(text[offset]), offset)
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return ExpressionError(f"unexpected {str(error.token)!r}", int(error.token.start_pos or 0))
    return ExpressionError("the expression stops too early", len(text.rstrip()))


def _unexpected(character: str) -> str:
    return "this is not a number; write 12 or 12.50" if character.isdigit() else f"unexpected {character!r}"


# --- from tokens to nodes -------------------------------------------------------------------------------------------


def _start(token: Token) -> int:
    return int(token.start_pos or 0)


def _path(token: Token) -> tuple[str, ...]:
    if token.lower() in _RESERVED:
        raise ExpressionError(f"{token} is a word of the language and cannot be a name", _start(token))
    return tuple(token.split("."))


def _column(token: Token) -> tuple[str, str]:
    path = _path(token)
    if len(path) != 2:
        raise ExpressionError(f"{token} should be table.column", _start(token))
    return path[0], path[1]


def _plain(token: Token, what: str) -> str:
    path = _path(token)
    if len(path) != 1:
        raise ExpressionError(f"{token} is not the name of {what}", _start(token))
    return path[0]


def _operator(token: Token) -> str:
    return {"<>": "!="}.get(token, str(token))


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """One method for each rule of the grammar."""

    def disjunction(self, *parts: Node) -> Node:
        return nodes.Junction(offset=parts[0].offset, conjunction=False, parts=parts)

    def conjunction(self, *parts: Node) -> Node:
        return nodes.Junction(offset=parts[0].offset, conjunction=True, parts=parts)

    def negation(self, operand: Node) -> Node:
        return nodes.Not(offset=operand.offset, operand=operand)

    def every(self, operand: nodes.Name, test: Test) -> Node:
        return nodes.Every(offset=operand.offset, operand=operand, test=test)

    def every_match(self, operand: nodes.Name, target: Token) -> Node:
        table, column = _column(target)
        return nodes.EveryMatch(offset=_start(target), operand=operand, table=table, column=column)

    def check(self, operand: Node, test: Test) -> Node:
        return nodes.Check(offset=test.offset, operand=operand, test=test)

    def order(self, operator: Token, right: Node) -> Test:
        return nodes.Comparison(offset=_start(operator), operator=_operator(operator), right=right)

    equals = order

    def is_null(self, word: Token, _null: Token) -> Test:
        return nodes.IsNull(offset=_start(word), negated=False)

    def is_not_null(self, word: Token, _null: Token) -> Test:
        return nodes.IsNull(offset=_start(word), negated=True)

    def like(self, word: Token, pattern: Node) -> Test:
        return nodes.Like(offset=_start(word), pattern=pattern, negated=False)

    def not_like(self, word: Token, pattern: Node) -> Test:
        return nodes.Like(offset=_start(word), pattern=pattern, negated=True)

    def members(self, *members: Node | None) -> tuple[Node, ...]:
        return tuple(member for member in members if member is not None)

    def within(self, word: Token, members: Node | tuple[Node, ...], negated: bool = False) -> Test:
        listed = isinstance(members, tuple)
        some = members if isinstance(members, tuple) else (members,)
        return nodes.In(offset=_start(word), members=some, listed=listed, negated=negated)

    def not_within(self, word: Token, members: Node | tuple[Node, ...]) -> Test:
        return self.within(word, members, True)

    def between(self, word: Token, low: Node, high: Node) -> Test:
        return nodes.Between(offset=_start(word), low=low, high=high, negated=False)

    def not_between(self, word: Token, low: Node, high: Node) -> Test:
        return nodes.Between(offset=_start(word), low=low, high=high, negated=True)

    def arithmetic(self, left: Node, operator: Token, right: Node) -> Node:
        return nodes.Arithmetic(offset=_start(operator), operator=str(operator), left=left, right=right)

    def negative(self, sign: Token, operand: Node) -> Node:
        return nodes.Negative(offset=_start(sign), operand=operand)

    def name(self, token: Token) -> Node:
        return nodes.Name(offset=_start(token), path=_path(token))

    def call(self, function: Token, *arguments: Node | None) -> Node:
        given = tuple(argument for argument in arguments if argument is not None)
        return nodes.Call(offset=_start(function), function=_plain(function, "a function").lower(), arguments=given)

    def aggregate(self, function: Token, target: Token, *where: nodes.Condition) -> Node:
        table, column = _column(target)
        if function.upper() not in _AGGREGATES:
            raise ExpressionError(f"{function} cannot have a WHERE; MIN, MAX, SUM and COUNT can", _start(function))
        for condition in where:
            if condition.column.count(".") and not condition.column.startswith(f"{table}."):
                raise ExpressionError(f"{condition.column} is not a column of {table}", condition.offset)
        return nodes.Aggregate(
            offset=_start(function), function=function.upper(), table=table, column=column, where=where
        )

    def condition(self, column: Token, operator: Token, value: Node) -> nodes.Condition:
        return nodes.Condition(
            offset=_start(column), column=".".join(_path(column)), operator=_operator(operator), value=value
        )

    def text(self, token: Token) -> Node:
        return nodes.Literal(offset=_start(token), value=token[1:-1].replace("''", "'"))

    def number(self, token: Token) -> Node:
        return nodes.Literal(offset=_start(token), value=Decimal(token) if "." in token else int(token))

    def true(self, word: Token) -> Node:
        return nodes.Literal(offset=_start(word), value=True)

    def false(self, word: Token) -> Node:
        return nodes.Literal(offset=_start(word), value=False)

    def null(self, word: Token) -> Node:
        return nodes.Literal(offset=_start(word), value=None)


_PARSER = Lark.open("grammar.lark", rel_to=__file__, parser="lalr", transformer=_Builder())
