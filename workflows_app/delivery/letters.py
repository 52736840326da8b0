"""Letters: plain text from a template and plain data, or inline. Strict: a letter is whole or it is an error.

A template is `templates/email/<name>.txt`: the subject on the first line, an empty line, the body. Values are data and
stay data: whatever they contain is printed literally, never evaluated. `our_company` (name, address, phone, email)
comes from the settings and is there in every letter.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from workflows_app.delivery.letter_engine import TextTemplate
from workflows_app.delivery.letter_filters import LetterError

__all__ = ["TEMPLATES", "LetterError", "LetterTemplate", "compose", "compose_inline", "templates", "validate_header",
           "validate_letter", "validate_recipient"]  # fmt: skip

_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SCALARS = (str, int, Decimal, bool, type(None), date, datetime)
_MAX_SUBJECT = 500
_OURS = "our_company"


@dataclass(frozen=True, kw_only=True)
class LetterTemplate:
    """One compiled letter. `variables`: the top-level names that subject and body use."""

    name: str
    subject: TextTemplate
    body: TextTemplate

    @classmethod
    def from_text(cls, name: str, text: str) -> "LetterTemplate":
        """Compile a template's text. Raises `LetterError` for a bad tag, filter or shape."""
        subject, _, body = text.partition("\n")
        if not subject.strip() or not body.strip():
            raise LetterError(f"{name}: a template needs a subject on the first line and a body")
        return cls(
            name=name, subject=TextTemplate(subject.strip(), name), body=TextTemplate(body.strip("\n") + "\n", name)
        )

    @property
    def variables(self) -> frozenset[str]:
        """Every value that a contract has to give."""
        return (self.subject.variables | self.body.variables) - {_OURS}

    def compose(self, values: Mapping[str, Any]) -> tuple[str, str]:
        """Subject and body. Raises `LetterError`: a value is missing, blank, or not plain data."""
        data = {**plain(values, self.name), _OURS: plain(settings.COMPANY, _OURS)}
        absent = sorted(self.variables - set(data))
        if absent:
            raise LetterError(f"{self.name}: no value for {', '.join(absent)}")
        return validate_header(self.subject.fill(data)), self.body.fill(data)


def compose(template: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body of the letter `template` (its name, without folder and ending). Raises `LetterError`."""
    return _load(template).compose(values)


def compose_inline(subject: str, body: str) -> tuple[str, str]:
    """A letter whose text the contract has already written. Raises `LetterError` for an empty part or a bad subject."""
    if not body.strip():
        raise LetterError("a letter needs a body")
    return validate_header(subject), body


def validate_letter(subject: object, body: object) -> None:
    """Raise `LetterError` unless a person's subject and body make a letter that can be sent."""
    if not isinstance(subject, str) or not isinstance(body, str):
        raise LetterError("subject and body of a letter are text")
    compose_inline(subject, body)


def validate_header(text: str) -> str:
    """`text`, fit for one header line: not empty, no line break or control character, at most 500 characters."""
    if not text.strip():
        raise LetterError("a subject or address is empty")
    if _BREAKS.search(text):
        raise LetterError(f"a line break or control character in {text!r}")
    if len(text) > _MAX_SUBJECT:
        raise LetterError(f"{len(text)} characters are too long for a subject (at most {_MAX_SUBJECT})")
    return text


def validate_recipient(address: str) -> str:
    """`address`, when it is exactly one plain email address; its domain may be in any script. Raises `LetterError`.

    Before the @ only ASCII: a mail server on the way that does not know SMTPUTF8 would give the letter back.
    """
    try:
        validate_email(validate_header(address))
    except ValidationError as error:
        if not address.rpartition("@")[0].isascii():
            raise LetterError(f"{address!r} has letters before the @ that not every mail server takes") from error
        raise LetterError(f"{address!r} is not an email address") from error
    return address


def templates() -> dict[str, frozenset[str]]:
    """Every template's name and the variables it uses, as the files are now."""
    return {path.stem: _load(path.stem).variables for path in sorted(_folder().glob("*.txt"))}


class _Templates(Mapping[str, frozenset[str]]):
    """`templates()`, read when it is looked at and not when this module is imported."""

    def __getitem__(self, name: str) -> frozenset[str]:
        return templates()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(templates())

    def __len__(self) -> int:
        return len(templates())


TEMPLATES: Mapping[str, frozenset[str]] = _Templates()


def plain(value: Any, place: str) -> Any:
    """A copy of `value` when it is plain data all through. Raises `LetterError` naming the place of what is not."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, Mapping):
        return {_key(key, place): plain(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{place}[{position}]") for position, item in enumerate(value)]
    raise LetterError(f"{place}: a {type(value).__name__} is not plain data")


def _key(key: object, place: str) -> str:
    if type(key) is not str:
        raise LetterError(f"{place}: the key {key!r} is not text")
    return key


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "email"


def _load(name: str) -> LetterTemplate:
    path = _folder() / f"{name}.txt"
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not path.is_file():
        raise LetterError(f"there is no letter template {name!r}")
    return _compiled(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _compiled(path: Path, changed: int) -> LetterTemplate:
    """A file's template; `changed` makes an edited file a new one."""
    return LetterTemplate.from_text(path.stem, path.read_text(encoding="utf-8"))
