"""Random expressions with the text that SQLite takes for the same thing.

Each method writes one level of the grammar and is careful to put a value of the right type at each place, but never
adds a parenthesis that the levels do not need: so a wrong precedence shows as a mismatch.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Part = Callable[[int], str]  # writes one level, given how deep it may still go

NUMBERS = {"one": 1, "two": 2, "minus": -7, "big": 42, "no_number": None}
TEXTS = {"word": "Leeds", "lower_word": "leeds", "empty": "", "odd": "50% off_\\now'", "no_text": None}
NAMES = {**NUMBERS, **TEXTS}

_WRITTEN = ["'Leeds'", "'leeds'", "''", "'it''s'", "'%'", "'a_'", "'Zz'", "NULL"]
_PATTERNS = ["'%'", "'L%'", "'%s'", "'%e_d%'", "'_____'", "''", "'50\\%%'", "'%\\_%'", "'%\\\\%'", "'l%E%s'", "NULL"]
_COMPARE = ["=", "!=", "<>"]
_ORDER = ["<", "<=", ">", ">="]
_LIKE = re.compile(r"(\blike '(?:[^']|'')*')", re.IGNORECASE)


def for_sqlite(expression: str) -> str:
    """The same for SQLite, which wants to be told the escape character of LIKE."""
    return _LIKE.sub(r"\1 ESCAPE '\\'", expression)


@dataclass(frozen=True, kw_only=True)
class RandomExpressions:
    """Writes expressions; `random` decides everything."""

    random: Random

    def expression(self) -> str:
        """An expression of any type."""
        return self._one(self.disjunction, self.disjunction, self.disjunction, self.sum, self.text)(3)

    def disjunction(self, depth: int) -> str:
        return self._joined(" OR ", self.conjunction, depth)

    def conjunction(self, depth: int) -> str:
        return self._joined(" AND ", self.negation, depth)

    def negation(self, depth: int) -> str:
        return self._keyword("NOT ") + self.negation(depth - 1) if self._rarely(depth) else self.equality(depth)

    def equality(self, depth: int) -> str:
        return self._one(
            self._truths, self._equal_numbers, self._equal_texts, self._null, self._in, self._between, self._like,
            self.relation,
        )(depth)  # fmt: skip

    def _truths(self, depth: int) -> str:
        if depth <= 0:
            return self._word("TRUE", "FALSE", "NULL")
        left = self._one(self.relation, self.equality)
        return f"{left(depth - 1)} {self._word(*_COMPARE)} {self.relation(depth - 1)}"

    def _equal_numbers(self, depth: int) -> str:
        return f"{self.sum(depth)} {self._word(*_COMPARE)} {self.sum(depth)}"

    def _equal_texts(self, depth: int) -> str:
        return f"{self.text(depth)} {self._word(*_COMPARE)} {self.text(depth)}"

    def _null(self, depth: int) -> str:
        operand = self._one(self.sum, self.text, self.relation)(depth - 1)
        return f"{operand} {self._keyword(self._word('IS NULL', 'IS NOT NULL'))}"

    def _in(self, depth: int) -> str:
        kind = self._one(self.sum, self.text)
        members = ", ".join(kind(depth - 1) for _ in range(self.random.randrange(4)))
        return f"{kind(depth - 1)} {self._not()}{self._keyword('IN')} ({members})"

    def _between(self, depth: int) -> str:
        kind = self._one(self.sum, self.text)
        low, high = kind(depth - 1), kind(depth - 1)
        return f"{kind(depth - 1)} {self._not()}{self._keyword('BETWEEN')} {low} {self._keyword('AND')} {high}"

    def _like(self, depth: int) -> str:
        return f"{self.text(depth)} {self._not()}{self._keyword('LIKE')} {self._word(*_PATTERNS)}"

    def relation(self, depth: int) -> str:
        if self.random.random() < 0.2:
            return self._parenthesised(self.disjunction, depth)
        kind = self._one(self.sum, self.text)
        return f"{kind(depth)} {self._word(*_ORDER)} {kind(depth)}"

    def sum(self, depth: int) -> str:
        return self._chain([" + ", " - ", "+", "-"], self.product, depth)

    def product(self, depth: int) -> str:
        return self._chain([" * ", "*"], self.number, depth)

    def number(self, depth: int) -> str:
        if self._rarely(depth):
            return "- " + self.number(depth - 1)
        if self._rarely(depth):
            return self._call("coalesce", self.sum, depth)
        if self._rarely(depth):
            return self._parenthesised(self.sum, depth)
        return self._word(*NUMBERS, "0", "1", "2", "9", "NULL")

    def text(self, depth: int) -> str:
        if self._rarely(depth):
            return f"{self._word('lower', 'UPPER')}({self.text(depth - 1)})"
        return self._call("coalesce", self.text, depth) if self._rarely(depth) else self._word(*TEXTS, *_WRITTEN)

    def _one(self, *choices: Part) -> Part:
        return self.random.choice(choices)

    def _word(self, *choices: str) -> str:
        return self.random.choice(choices)

    def _rarely(self, depth: int) -> bool:
        return depth > 0 and self.random.random() < 0.15

    def _keyword(self, word: str) -> str:
        return self._word(word, word.lower())

    def _not(self) -> str:
        return self._keyword("NOT ") if self.random.random() < 0.3 else ""

    def _joined(self, word: str, part: Part, depth: int) -> str:
        return self._keyword(word).join(part(depth - 1) for _ in range(self._some()))

    def _chain(self, operators: list[str], part: Part, depth: int) -> str:
        text = part(depth - 1)
        for _ in range(self._some() - 1):
            following = part(depth - 1)
            operator = self._word(*operators)
            text += operator + (" " if following.startswith("-") else "") + following
        return text

    def _some(self) -> int:
        return self.random.choices([1, 2, 3], [70, 22, 8])[0]

    def _call(self, function: str, argument: Part, depth: int) -> str:
        return f"{function}({argument(depth - 1)}, {argument(depth - 1)})"

    def _parenthesised(self, inside: Part, depth: int) -> str:
        return f"({inside(depth - 1)})" if depth > 0 else self._word("(TRUE)", "(FALSE)", "(NULL)")
