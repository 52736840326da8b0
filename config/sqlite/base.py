"""SQLite connections whose LOWER, UPPER and LIKE know all of Unicode, as PostgreSQL's do."""

import re
import sqlite3
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base


@lru_cache(maxsize=1024)
def _pattern(like: str, escape: str) -> re.Pattern[str]:
    """A SQL LIKE pattern as a compiled regular expression; `escape` makes the next character literal."""
    parts: list[str] = []
    characters = iter(like)
    for character in characters:
        if escape and character == escape:
            parts.append(re.escape(next(characters, "")))
        else:
            parts.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _like(pattern: object, value: object, escape: str = "") -> bool | None:
    if pattern is None or value is None:
        return None
    return _pattern(str(pattern), escape).fullmatch(str(value)) is not None


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper; only the functions of a new connection differ."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Open a connection and register the Unicode-aware functions on it."""
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.create_function("upper", 1, _upper, deterministic=True)
        connection.create_function("like", 2, _like, deterministic=True)
        connection.create_function("like", 3, _like, deterministic=True)
        return connection
