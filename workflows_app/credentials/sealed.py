"""Secrets that must be used again stand in the database sealed with SECRET_KEY: a copy of the database signs nothing.

A new SECRET_KEY opens them as long as the old one is among SECRET_KEY_FALLBACKS; without it they must be made anew.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

_PURPOSE = b"countersign.sealed:"


class SealError(Exception):
    """A sealed text cannot be opened: it was sealed with another SECRET_KEY, or changed."""


def seal(secret: str) -> str:
    """`secret` as a text that only this installation opens."""
    return _box().encrypt(secret.encode()).decode()


def unseal(text: str) -> str:
    """The secret again. Raises `SealError`."""
    try:
        return _box().decrypt(text.encode()).decode()
    except InvalidToken as error:
        raise SealError("the secret was sealed with another SECRET_KEY; make a new one") from error


def _box() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(_PURPOSE + key.encode()).digest())
