"""QUALITY.md test 14: every address that there is, as the resolver knows them, refuses a POST without its token."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.integration.admin.test_get_safety import fingerprint
from tests.integration.security.conftest import log_in, person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
# Not by a browser's cookies: these ask for a signature or a token of their own, or answer to nobody.
OTHER_PROOF = ("/api/",)
_VALUES = {"int": 1, "pk": 1, "object_id": "1", "app_label": "approvals", "url": "x"}


def addresses(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, object]]:
    """One address for each pattern, with something in place of every parameter, and the view that it is meant for."""
    for pattern in patterns:
        prefix = before + _example(pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, prefix)
        else:
            yield "/" + prefix, pattern.callback


def _example(pattern: URLPattern | URLResolver) -> str:
    """`customers/<path:object_id>/change/` as `customers/1/change/`; a regular expression as what it plainly says."""
    route = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        sample = str(_VALUES.get(name, "1"))
        route = route.replace(f"<{_kind(converter)}:{name}>", sample).replace(f"<{name}>", sample)
    return _plain(route)


def _kind(converter: object) -> str:
    return type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")


def _plain(route: str) -> str:
    if not route.startswith("^") and "(?P" not in route:
        return route
    return {"^(?P<app_label>": "approvals/"}.get(route[:15], "nowhere")


VIEWS = dict(addresses(get_resolver().url_patterns))
EVERY = sorted(VIEWS)


def test_all_addresses_are_found() -> None:
    assert len(EVERY) > 200
    lost = {path for path, view in VIEWS.items() if resolve(path).func is not view}
    assert lost <= {"/login/", "/nowhere"}  # the admin's own login, and its catch-all
    for part in (
        "/login/",
        "/decide/",
        "/hold/",
        "/start/",
        "/inbox/",
        "/second-factor/",
        "/password_change/",
        "/intake/",
    ):
        assert any(part in path for path in EVERY), part


def test_every_post_without_a_token_is_forbidden_and_changes_nothing(mike: User) -> None:
    root = person("root", "Approvers", is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    before = fingerprint()

    answers = {path: client.post(path, {"on": "yes"}).status_code for path in EVERY if not path.startswith(OTHER_PROOF)}

    # 404 and 405 come from the resolver or from a view that takes no POST at all
    assert {path: status for path, status in answers.items() if status not in (403, 405)} == {}
    assert fingerprint() == before


def test_logging_in_needs_the_token_too(mike: User) -> None:
    client = Client(enforce_csrf_checks=True)

    assert log_in(client).status_code == 403


def test_a_token_of_somebody_else_is_none(mike: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(mike)
    client.get("/password_change/")

    assert client.post("/logout/", {"csrfmiddlewaretoken": "a" * 64}).status_code == 403
