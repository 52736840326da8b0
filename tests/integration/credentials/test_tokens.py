"""Tokens: made once, found by their whole text only, and over at once when they are revoked."""

from datetime import timedelta

import pytest

from approvals.principals import Principal
from tests.factories import NOW
from workflows_app.credentials import tokens
from workflows_app.models import ApiToken

pytestmark = pytest.mark.django_db
MIKE = Principal("person", "mike")


def made(name: str = "shop", *scopes: str, expires_at: object = None) -> tokens.Made:
    """A token of `scopes`."""
    return tokens.make(name, scopes or ("runs:read",), by=MIKE, now=NOW, expires_at=expires_at)


def test_a_token_is_found_by_its_text_and_no_copy_of_it_is_stored() -> None:
    new = made("shop", "runs:read", "events:write")

    assert tokens.find(new.text, NOW) == new.token
    assert new.token.scopes == "events:write runs:read"
    stored = ApiToken.objects.values_list().get()
    assert not any(new.text.split("_")[2] in str(value) for value in stored)


@pytest.mark.parametrize("change", ["", "x", "é" * 43, "\0", "cst_000000000000_" + "A" * 43])
def test_another_text_finds_nothing(change: str) -> None:
    text = made().text
    wrong = change if change.startswith("cst_") or not change else text[: -len(change)] + change

    assert wrong != text
    assert tokens.find(wrong, NOW) is None


def test_the_last_letter_counts() -> None:
    text = made().text

    assert tokens.find(text[:-1] + ("A" if text[-1] != "A" else "B"), NOW) is None


def test_a_revoked_token_opens_nothing_from_then_on() -> None:
    new = made()

    assert tokens.revoke(new.token.pk, by=MIKE, now=NOW)
    assert tokens.find(new.text, NOW) is None
    assert not tokens.revoke(new.token.pk, by=MIKE, now=NOW)


def test_a_token_expires_at_its_moment() -> None:
    text = made(expires_at=NOW + timedelta(hours=1)).text

    assert tokens.find(text, NOW + timedelta(minutes=59))
    assert tokens.find(text, NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize("name", ["", "Shop", "a b", "-x", "x" * 61, "tick", "schedule", "a\n"])
def test_a_name_that_misleads_is_refused(name: str) -> None:
    with pytest.raises(tokens.TokenError):
        made(name)


@pytest.mark.parametrize("scopes", [("decide",), ("runs:read", "admin"), ("",)])
def test_an_unknown_scope_is_refused(scopes: tuple[str, ...]) -> None:
    with pytest.raises(tokens.TokenError, match="scope"):
        made("shop", *scopes)


def test_a_token_without_a_scope_is_refused() -> None:
    with pytest.raises(tokens.TokenError, match="at least one"):
        tokens.make("shop", (), by=MIKE, now=NOW)


def test_a_name_is_never_used_again() -> None:
    tokens.revoke(made().token.pk, by=MIKE, now=NOW)

    with pytest.raises(tokens.TokenError, match="already"):
        made()


def test_its_last_use_is_written_down_once_a_minute() -> None:
    token = made().token
    for seconds in (0, 30, 61):
        tokens.used(ApiToken.objects.get(pk=token.pk), NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOW + timedelta(seconds=61 if seconds > 60 else 0)


def test_what_is_logged_of_a_token_is_no_secret() -> None:
    text = made().text

    assert tokens.public_part(text) == f"{text[:16]}_…"
    assert tokens.public_part("my password") == "no token of ours"
