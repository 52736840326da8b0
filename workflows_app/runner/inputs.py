"""What a run is started with, checked against the contract's declared inputs."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from approvals.canonical import NotCanonicalError, to_json
from workflows_app.contracts.formats import FORMATS
from workflows_app.contracts.schema import Contract, InputSpec


class InputError(Exception):
    """Inputs that cannot be used; `errors` has a sentence for each input by name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {message}" for name, message in errors.items()))
        self.errors = dict(errors)


def check_inputs(contract: Contract, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Every declared input as a typed value, None where nothing was given. Raises `InputError` with all problems."""
    return _values(contract.inputs, raw, f"{contract.workflow_type} has no such input; it takes")


def _values(specs: Sequence[InputSpec], raw: Mapping[str, Any], unknown: str) -> dict[str, Any]:
    known = {spec.name for spec in specs}
    listed = ", ".join(sorted(known)) or "none"
    errors = {str(name): f"{unknown}: {listed}." for name in raw if name not in known}
    values: dict[str, Any] = {}
    for spec in specs:
        try:
            values[spec.name] = _value(spec, raw.get(spec.name))
        except ValueError as error:
            errors[spec.name] = str(error)
    if errors:
        raise InputError(errors)
    return values


def _value(spec: InputSpec, raw: Any) -> Any:
    value = None if _blank(raw) else _with_fields(spec, _typed(spec.type, raw))
    if value is None or value == "":  # also of a text in which nothing was visible
        value = _default(spec)
    if spec.required and _blank(value):
        raise ValueError("is required.")
    if spec.pattern and value is not None and not re.fullmatch(spec.pattern, str(value)):
        raise ValueError(f"{value!r} does not look right" + (f": {spec.help}." if spec.help else "."))
    if spec.format is not None and value is not None and not FORMATS[spec.format].holds(value):
        raise ValueError(f"{FORMATS[spec.format].sentence}, and {value} is not.")
    return value


def _with_fields(spec: InputSpec, value: Any) -> Any:
    """The values of objects as typed as their declared fields are."""
    if not spec.fields:
        return value
    if isinstance(value, list):
        return [_object_fields(spec, item, f"entry {number}: ") for number, item in enumerate(value, start=1)]
    return _object_fields(spec, value, "")


def _object_fields(spec: InputSpec, value: Mapping[str, Any], where: str) -> dict[str, Any]:
    try:
        return _values(spec.fields, value, "is not known here, only")
    except InputError as error:
        sentences = " ".join(f"{name} {message}" for name, message in error.errors.items())
        raise ValueError(where + sentences) from error


def _default(spec: InputSpec) -> Any:
    return None if spec.default is None else _typed(spec.type, spec.default)


def _blank(raw: Any) -> bool:
    return raw is None or raw == [] or raw == () or (isinstance(raw, str) and not raw.strip())


def _typed(kind: str, raw: Any) -> Any:
    if kind.startswith("list["):
        if not isinstance(raw, list | tuple):
            raise ValueError("takes a list.")
        return [_READERS[kind[5:-1]](item) for item in raw]
    return _READERS[kind](raw)


def _string(raw: Any) -> str:
    """One line: accents composed, nothing invisible in it, surrounding blanks removed, repeated ones made one."""
    composed = unicodedata.normalize("NFC", _text(raw))
    return " ".join("".join(sign for sign in composed if unicodedata.category(sign) != "Cf").split())


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("takes text.")
    try:
        return str(to_json(raw))
    except NotCanonicalError as error:
        raise ValueError(f"cannot be stored: {error}.") from error


def _email(raw: Any) -> str:
    value = _string(raw)
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", value):
        raise ValueError(f"{value!r} is not an email address.")
    return value


def _integer(raw: Any) -> int:
    try:
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise ValueError(raw)
        return int(raw)
    except ValueError:
        raise ValueError("takes a whole number.") from None


# A comma parts thousands and nothing else: 12,50 is not 1250.
_NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")


def _decimal(raw: Any) -> Decimal:
    number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
    text = raw.strip() if isinstance(raw, str) else ""
    if not number and not _NUMBER.fullmatch(text):
        raise ValueError("takes a number such as 1250.00; a comma only parts thousands, as in 1,250.00.")
    value = Decimal(raw if number else text.replace(",", ""))
    if not value.is_finite():
        raise ValueError("takes a number such as 1250.00.")
    return value


_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def _boolean(raw: Any) -> bool:
    word = str(raw).strip().lower() if isinstance(raw, bool | str) else ""
    if word not in _WORDS:
        raise ValueError("takes true or false.")
    return _WORDS[word]


def _date(raw: Any) -> date:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(_string(raw))
    except ValueError:
        raise ValueError("takes a date such as 2026-09-01.") from None


def _datetime(raw: Any) -> datetime:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(_string(raw))
    except ValueError:
        raise ValueError("takes a moment such as 2026-09-01T06:00:00Z.") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _object(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise ValueError("takes an object with named values.")
    try:
        checked: dict[str, Any] = to_json(raw)
    except NotCanonicalError as error:
        raise ValueError(f"cannot be stored: {error}.") from error
    return checked


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _string,
    "text": _text,
    "email": _email,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "object": _object,
}
