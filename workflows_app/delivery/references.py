"""Secrets of calls, by reference: a contract names one, the environment holds it, nothing else ever sees it.

`{"secret": "PARTNER"}` as the value of a header stands for the environment's `HTTP_SECRET_PARTNER`. The reference is
what is planned, hashed, shown and stored; the value is read when the request is written, and taken out of whatever an
error would say.
"""

import re
from collections.abc import Iterable, Mapping

from django.conf import settings

from workflows_app.delivery.answers import PermanentCallError

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
# what a header may carry; also keeps a value out of the error that a library would raise about it.
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_SHORTEST_TO_HIDE = 4

Header = str | Mapping[str, str]
"""The text of a header, or `{"secret": NAME}`."""


def reveal(headers: Mapping[str, Header]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The headers as they are sent, and the secrets among them. Raises `PermanentCallError`, without any secret."""
    secrets = {name: _secret(name, value) for name, value in headers.items() if not isinstance(value, str)}
    plain = {name: value for name, value in headers.items() if isinstance(value, str)}
    for name, value in plain.items():
        if not _VALUE.fullmatch(value):
            raise PermanentCallError(f"the header {name} has no value that could be sent")
    return {**plain, **secrets}, tuple(secrets.values())


def hide(text: str, secrets: Iterable[str]) -> str:
    """`text` without the secrets, whole or without the scheme in front of them (`Bearer …`)."""
    for secret in secrets:
        for part in (secret, secret.rpartition(" ")[2]):
            if len(part) >= _SHORTEST_TO_HIDE:
                text = text.replace(part, "[secret]")
    return text


def _secret(header: str, reference: Mapping[str, str]) -> str:
    name = reference.get("secret", "")
    if set(reference) != {"secret"} or not _NAME.fullmatch(name):
        raise PermanentCallError(f"the header {header} does not name a secret, such as PARTNER_KEY")
    value: str = settings.HTTP_SECRETS.get(name, "")
    if not _VALUE.fullmatch(value):
        raise PermanentCallError(f"HTTP_SECRET_{name} is not set in the environment, or not fit for a header")
    return value
