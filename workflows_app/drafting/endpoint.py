"""Whom to ask: an OpenAI-compatible endpoint, by environment."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

_HERE: Final = {"localhost", "127.0.0.1", "::1"}
_LONGEST_SECONDS: Final = 30.0
_LONGEST_NAME: Final = 100


class EndpointError(Exception):
    """The settings name no endpoint that may be asked; the message says what to set, and never the key."""


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An address that ends before `/chat/completions`, a model there, and how long one answer may take in seconds."""

    url: str
    model: str
    seconds: float
    key: str = field(default="", repr=False)


def endpoint() -> Endpoint | None:
    """The endpoint of the settings; None when drafting is off or set up wrongly, as `manage.py check` says."""
    try:
        return endpoint_from(settings.DRAFTING)
    except EndpointError:
        return None


def endpoint_from(values: dict[str, object]) -> Endpoint | None:
    """The endpoint of `DRAFTING_…` values, None when URL and model are empty. Raises `EndpointError`."""
    url, model, key = (str(values[name]).strip() for name in ("URL", "MODEL", "KEY"))
    if not url and not model:
        return None
    if not url or not model:
        raise EndpointError("drafting needs both DRAFTING_URL and DRAFTING_MODEL")
    _check_url(url)
    if len(model) > _LONGEST_NAME or not model.isprintable():
        raise EndpointError("DRAFTING_MODEL is not the name of a model")
    if not (key.isascii() and key.isprintable()):
        raise EndpointError("DRAFTING_KEY has characters that no header can carry")
    seconds = float(str(values["TIMEOUT"]))
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise EndpointError(f"DRAFTING_TIMEOUT is between 0 and {_LONGEST_SECONDS:.0f} seconds")
    return Endpoint(url=url.rstrip("/"), model=model, seconds=seconds, key=key)


def _check_url(url: str) -> None:
    """What customers are told leaves the house encrypted, or does not leave the machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise EndpointError("DRAFTING_URL is not an address") from None
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise EndpointError("DRAFTING_URL is an address like https://models.example/v1, without login, ? and #")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _HERE):
        raise EndpointError("DRAFTING_URL begins with https:// (http:// on this machine only)")
