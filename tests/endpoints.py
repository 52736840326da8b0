"""A site in place of ours: it answers as a test says. Point `settings.WSGI_APPLICATION` at `application`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

PDF = b"%PDF-1.7 of a test"


@dataclass
class Site:
    """`answers`: status codes to come, then 200 for ever. `keys`: the idempotency key of each call that was made."""

    answers: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


site = Site()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The WSGI application."""
    site.keys.append(environ["HTTP_IDEMPOTENCY_KEY"])
    status = site.answers.pop(0) if site.answers else 200
    start_response(f"{status} {HTTPStatus(status).phrase}", [("Content-Type", "application/pdf")])
    return [PDF]
