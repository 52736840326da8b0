"""SQLite connections whose LOWER, UPPER and LIKE know all of Unicode, letter by letter, as PostgreSQL's do."""

import re
import sqlite3
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base


@lru_cache(maxsize=1024)
def _pattern(like: str, escape: str) -> re.Pattern[str]:
    """A SQL LIKE pattern as a compiled regular expression; `escape` makes the next character literal.

    What stands between two `%` is looked for once and never tried again further on (an atomic group), so that no
    pattern can take more than a few passes over a text.
    """
    parts = [""]
    characters = iter(like)
    for character in characters:
        if escape and character == escape:
            parts[-1] += re.escape(next(characters, ""))
        elif character == "%":
            parts.append("")
        else:
            parts[-1] += "." if character == "_" else re.escape(character)
    first, *middle = parts[:-1] or [parts[0]]
    found = "".join(f"(?>.*?{part})" for part in middle)
    last = f".*{parts[-1]}" if len(parts) > 1 else ""
    return re.compile(first + found + last, re.DOTALL)


def _like(pattern: object, value: object, escape: str = "") -> bool | None:
    if pattern is None or value is None:
        return None
    return _pattern(_lower(str(pattern)), escape).fullmatch(_lower(str(value))) is not None


def _lower(value: Any) -> Any:
    """Each letter by its own small letter, so that the length stays: İ becomes i, a final Σ becomes σ."""
    if not isinstance(value, str) or value.isascii():
        return value.lower() if isinstance(value, str) else value
    return "".join([character.lower()[0] for character in value])


def _upper(value: Any) -> Any:
    """Each letter by its own capital, where it is a single one: ß stays ß."""
    if not isinstance(value, str) or value.isascii():
        return value.upper() if isinstance(value, str) else value
    return "".join([_capital(character) for character in value])


def _capital(character: str) -> str:
    return next((form for form in (character.upper(), character.title()) if len(form) == 1), character)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper; only the functions of a new connection differ."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Open a connection and register the Unicode-aware functions on it."""
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.create_function("upper", 1, _upper, deterministic=True)
        connection.create_function("like", 2, _like, deterministic=True)
        connection.create_function("like", 3, _like, deterministic=True)
        # SQLite builds json_each on first use, which the authorizer of a guarded reading would refuse.
        connection.execute("SELECT value FROM json_each('[]')").close()
        return connection
