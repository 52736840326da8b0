"""Sealed secrets open with the key that sealed them, and with no other."""

import pytest
from pytest_django import Settings

from workflows_app.credentials.sealed import SealError, seal, unseal


def test_a_secret_comes_out_as_it_went_in() -> None:
    assert unseal(seal("whsec_geheim é")) == "whsec_geheim é"


def test_the_sealed_text_does_not_show_the_secret() -> None:
    assert "geheim" not in seal("geheim")
    assert seal("geheim") != seal("geheim")


def test_another_key_does_not_open_it(settings: Settings) -> None:
    sealed = seal("geheim")
    settings.SECRET_KEY = "another"

    with pytest.raises(SealError, match="another SECRET_KEY"):
        unseal(sealed)


def test_the_key_before_opens_it_while_it_is_kept(settings: Settings) -> None:
    sealed = seal("geheim")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"

    assert unseal(sealed) == "geheim"


@pytest.mark.parametrize("text", ["", "x", "gAAAAA=="])
def test_what_is_not_sealed_does_not_open(text: str) -> None:
    with pytest.raises(SealError):
        unseal(text)
