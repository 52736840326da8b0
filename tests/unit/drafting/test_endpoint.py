"""Whom drafting asks: off by default, encrypted, and the key nowhere to be seen."""

from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from workflows_app.drafting.checks import check_settings
from workflows_app.drafting.endpoint import EndpointError, endpoint, endpoint_from

GOOD = {"URL": "https://models.example/v1/", "MODEL": "m", "KEY": "canary-key", "TIMEOUT": 10.0, "TRIAGE": False}


def test_without_an_address_and_a_model_drafting_is_off() -> None:
    assert endpoint_from({**GOOD, "URL": "", "MODEL": ""}) is None


def test_the_settings_of_this_test_run_are_off_by_default(settings: Settings) -> None:
    assert (configured.DRAFTING["TIMEOUT"], configured.DRAFTING["TRIAGE"]) == (10.0, False)


def test_an_endpoint_says_what_it_is_without_its_key() -> None:
    found = endpoint_from(GOOD)

    assert found is not None
    assert found.url == "https://models.example/v1"
    assert "canary" not in repr(found)


@pytest.mark.parametrize("url", ["http://localhost:11434/v1", "http://127.0.0.1:8000", "http://[::1]:1/v1"])
def test_on_this_machine_it_may_be_plain_http(url: str) -> None:
    assert endpoint_from({**GOOD, "URL": url}) is not None


BAD: list[dict[str, Any]] = [
    {"URL": ""},
    {"MODEL": ""},
    {"URL": "http://models.example/v1"},
    {"URL": "ftp://models.example"},
    {"URL": "models.example"},
    {"URL": "https://user:canary@models.example/v1"},
    {"URL": "https://models.example/v1?key=canary"},
    {"URL": "https://models.example/v1#canary"},
    {"URL": "https://[models"},
    {"MODEL": "a\nb"},
    {"MODEL": "m" * 101},
    {"KEY": "canary\nX: y"},
    {"KEY": "canáry"},
    {"TIMEOUT": 0.0},
    {"TIMEOUT": 31.0},
    {"TIMEOUT": float("nan")},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_settings_that_are_not_whole_are_told_by_check_and_turn_it_off(
    change: dict[str, Any], settings: Settings
) -> None:
    settings.DRAFTING = {**GOOD, **change}

    with pytest.raises(EndpointError) as error:
        endpoint_from(settings.DRAFTING)

    [said] = check_settings()
    assert endpoint() is None
    assert "canar" not in f"{error.value!r} {said!r}"
