"""The search text `q` of a record collection: `companyName START_WITH "A B" AND creditLimit GREATER 1000`."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflows_app.netsuite.sandbox.errors import RestError, bad_parameter
from workflows_app.netsuite.sandbox.fields import Field, Kind, RecordType

_WORD = re.compile(r'\s*(?:"(?P<text>[^"]*)"|(?P<mark>[()\[\],])|(?P<word>[^\s"()\[\],\']+))')
_BUILT_IN = {
    "id": Field(name="id", kind=Kind.WHOLE),
    "lastmodifieddate": Field(name="lastModifiedDate", kind=Kind.DATE),
}
_Make = Callable[[str, list[Any]], tuple[str, list[Any]]]


def _like(before: str, after: str) -> _Make:
    def make(column: str, values: list[Any]) -> tuple[str, list[Any]]:
        escaped = re.sub(r"([%_\\])", r"\\\1", str(values[0]))
        return f"{column} LIKE ? ESCAPE '\\'", [f"{before}{escaped}{after}"]

    return make


def _compare(sign: str) -> _Make:
    return lambda column, values: (f"{column} {sign} ?", values)


_OPERATORS: dict[str, tuple[int, _Make]] = {
    "EMPTY": (0, lambda column, values: (f"COALESCE({column}, '') = ''", [])),
    "IS": (1, lambda column, values: (f"{column} = ? COLLATE NOCASE", values)),
    "START_WITH": (1, _like("", "%")),
    "END_WITH": (1, _like("%", "")),
    "CONTAIN": (1, _like("%", "%")),
    "EQUAL": (1, _compare("=")),
    "GREATER": (1, _compare(">")),
    "GREATER_OR_EQUAL": (1, _compare(">=")),
    "LESS": (1, _compare("<")),
    "LESS_OR_EQUAL": (1, _compare("<=")),
    "ON": (1, lambda column, values: (f"substr({column}, 1, 10) = substr(?, 1, 10)", values)),
    "AFTER": (1, lambda column, values: (f"substr({column}, 1, 10) > substr(?, 1, 10)", values)),
    "BEFORE": (1, lambda column, values: (f"substr({column}, 1, 10) < substr(?, 1, 10)", values)),
    "ON_OR_AFTER": (1, lambda column, values: (f"substr({column}, 1, 10) >= substr(?, 1, 10)", values)),
    "ON_OR_BEFORE": (1, lambda column, values: (f"substr({column}, 1, 10) <= substr(?, 1, 10)", values)),
    "BETWEEN": (2, lambda column, values: (f"{column} BETWEEN ? AND ?", values)),
    "ANY_OF": (-1, lambda column, values: (f"{column} IN ({', '.join('?' for _ in values)})", values)),
}


def condition(record: RecordType, text: str) -> tuple[str, list[Any]]:
    """`q` as an SQL condition and its values; empty for all. Raises `RestError` 400."""
    if not text.strip():
        return "1 = 1", []
    search = _Search(record, text)
    sql, values = search.either()
    search.end()
    return sql, values


class _Search:
    """Reads the text from left to right: OR over AND over single conditions."""

    def __init__(self, record: RecordType, text: str) -> None:
        self._fields = {field.name.lower(): field for field in record.fields if field.queryable} | _BUILT_IN
        self._words = self._split(text)
        self._place = 0

    def _split(self, text: str) -> list[tuple[str, bool]]:
        words, place = [], 0
        while text[place:].strip():
            found = _WORD.match(text, place)
            if found is None:
                raise self._bad(text[place:].strip()[:20])
            quoted = found.group("text") is not None
            words.append((found.group("text") if quoted else found.group("mark") or found.group("word"), quoted))
            place = found.end()
        return words

    def either(self) -> tuple[str, list[Any]]:
        """Conditions joined by OR."""
        return self._joined("OR", self._both)

    def _both(self) -> tuple[str, list[Any]]:
        return self._joined("AND", self._single)

    def _joined(self, word: str, part: Callable[[], tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
        sql, values = part()
        while self._peek().upper() == word:
            self._next()
            more, more_values = part()
            sql, values = f"{sql} {word} {more}", values + more_values
        return f"({sql})", values

    def _single(self) -> tuple[str, list[Any]]:
        if self._peek() == "(":
            self._next()
            found = self.either()
            self._expect(")")
            return found
        name = self._next()
        known = self._fields.get(name.lower())
        if known is None:
            raise self._bad(name)
        return self._operator(known)

    def _operator(self, known: Field) -> tuple[str, list[Any]]:
        word = self._next().upper()
        negated = word.endswith("_NOT")
        operator = _OPERATORS.get(word.removesuffix("_NOT"))
        if operator is None:
            raise self._bad(word)
        count, make = operator
        raw = self._list() if count < 0 else [self._next() for _ in range(count)]
        sql, values = make(f'"{known.stored}"', [self._value(known, text) for text in raw])
        return (f"NOT ({sql})" if negated else sql), values

    def _list(self) -> list[str]:
        self._expect("[")
        found = [self._next()]
        while self._peek() == ",":
            self._next()
            found.append(self._next())
        self._expect("]")
        return found

    def _value(self, known: Field, text: str) -> Any:
        try:
            match known.kind:
                case Kind.NUMBER | Kind.WHOLE | Kind.REFERENCE:
                    return float(text)
                case Kind.FLAG:
                    return {"true": "T", "false": "F"}[text.lower()]
                case Kind.DATE:
                    return datetime.strptime(text, "%m/%d/%Y").strftime("%Y-%m-%d 00:00:00")  # noqa: DTZ007
                case _:
                    return text
        except (ValueError, KeyError):
            raise self._bad(text) from None

    def _peek(self) -> str:
        return self._words[self._place][0] if self._place < len(self._words) else ""

    def _next(self) -> str:
        if self._place >= len(self._words):
            raise self._bad("end of the query")
        self._place += 1
        return self._words[self._place - 1][0]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise self._bad(mark)

    def end(self) -> None:
        """Nothing may be left."""
        if self._place < len(self._words):
            raise self._bad(self._peek())

    def _bad(self, near: str) -> RestError:
        return bad_parameter(f"Invalid search query. Detailed unprocessed description follows. Near: {near}.", "q")
