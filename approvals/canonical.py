"""Canonical text and digest: the one byte sequence that is shown, hashed, approved and applied.

Both apps use it. The text is JSON with sorted keys and no spaces. Money and other decimals travel as text
(`"12.50"`), moments as UTC ISO 8601 with `Z`; floats are refused, because a jsonb or parser round trip changes them.
The text itself is what is stored and hashed, never a re-serialisation of it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

JsonValue = Any  # str | int | bool | None | list[JsonValue] | dict[str, JsonValue]; recursive aliases slow mypy down


_NUMBERS = (bool, int)
_SCALARS = (Decimal, date)
_MAPPINGS = (dict, Mapping)  # the concrete type first: to ask for the protocol takes ten times as long
_SEQUENCES = (list, Sequence)


class NotCanonicalError(ValueError):
    """A value has no canonical text: a float, a NUL character, a lone surrogate, a naive datetime, a foreign type."""


def canonical(value: object) -> str:
    """The canonical text of `value`. Raises `NotCanonicalError`."""
    return _encode(to_json(value))


def digest(text: str) -> str:
    """SHA-256 of a canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse(text: str) -> JsonValue:
    """Read a canonical text back. Numbers that JSON would make floats are refused."""
    return _decode(text)


def to_json(value: object) -> JsonValue:
    """`value` as plain JSON data, with decimals and moments as text. Raises `NotCanonicalError`."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, _NUMBERS):
        return value
    if isinstance(value, _SCALARS):
        return _scalar(value)
    if isinstance(value, _MAPPINGS):
        return {_key(key): to_json(item) for key, item in value.items()}
    if isinstance(value, _SEQUENCES) and not isinstance(value, bytes | bytearray):
        return [to_json(item) for item in value]
    raise NotCanonicalError(f"{type(value).__name__} has no canonical text")


def _scalar(value: Decimal | date) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise NotCanonicalError(f"{value} is not a number that can be written down")
        return format(value, "f")
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise NotCanonicalError(f"the moment {value.isoformat()} has no time zone")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise NotCanonicalError(f"the key {key!r} is not text")
    return _text(key)


def _text(value: str) -> str:
    if value.isascii() and "\x00" not in value:
        return str(value)
    if "\x00" in value:
        raise NotCanonicalError("a text contains a NUL character, which PostgreSQL cannot store")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("a text contains half a character (a lone surrogate)") from error
    return str(value)


def _refuse_number(text: str) -> JsonValue:
    raise NotCanonicalError(f"{text} is a number that does not survive storage; write it as text")


_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_decode = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number).decode
