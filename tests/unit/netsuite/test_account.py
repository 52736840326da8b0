"""The account that the settings describe."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.netsuite.accounts import pem
from workflows_app.netsuite.account import CertificateLogin, TokenLogin, account_from
from workflows_app.netsuite.errors import SettingsError

NOTHING: dict[str, Any] = {
    **dict.fromkeys(
        (
            *("ACCOUNT", "CLIENT_ID", "CERTIFICATE_ID", "PRIVATE_KEY_FILE", "URL", "MAPPING"),
            *("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET"),
        ),
        "",
    ),
    "TIME_ZONE": "America/New_York",
    "CONCURRENCY": 2,
    "TIMEOUT": 60.0,
    "SANDBOX_PORT": 8090,
}
TOKEN = {"CONSUMER_KEY": "a", "CONSUMER_SECRET": "b", "TOKEN_ID": "c", "TOKEN_SECRET": "d"}


@pytest.fixture
def nothing(tmp_path: Path) -> dict[str, Any]:
    return {**NOTHING, "SANDBOX_FOLDER": str(tmp_path / "sandbox")}


def test_without_any_setting_it_is_the_sandbox_on_this_machine(nothing: dict[str, Any]) -> None:
    account = account_from(nothing)

    assert (account.name, account.url, account.embedded) == ("TSTDRV1", "http://127.0.0.1:8090", True)
    assert account_from(nothing) == account


def test_a_certificate_is_read_from_its_file(nothing: dict[str, Any], tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text(pem(), encoding="ascii")
    values = {"ACCOUNT": "123456_SB1", "CLIENT_ID": "i", "CERTIFICATE_ID": "k", "PRIVATE_KEY_FILE": str(key)}

    account = account_from({**nothing, **values})

    assert account.url == "https://123456-sb1.suitetalk.api.netsuite.com"
    assert account.name == "123456_SB1"
    assert account.login == CertificateLogin(client_id="i", certificate_id="k", private_key=pem())
    assert not account.embedded


def test_four_token_settings_make_a_token_login(nothing: dict[str, Any]) -> None:
    account = account_from({**nothing, **TOKEN, "ACCOUNT": "9", "URL": "https://proxy.example/"})

    assert isinstance(account.login, TokenLogin)
    assert account.url == "https://proxy.example"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"URL": "https://sandbox.example"}, "NETSUITE_URL names another machine"),
        ({**TOKEN, "ACCOUNT": "9", "URL": "http://proxy.example"}, "must begin with https"),
        ({**TOKEN, "ACCOUNT": "9", "TIME_ZONE": ""}, "NETSUITE_TIME_ZONE must be set for a live account"),
        ({"CONCURRENCY": 0}, "at least 1"),
        ({"TIMEOUT": 0.0}, "more than 0 seconds"),
        ({"ACCOUNT": "9"}, "NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID, NETSUITE_PRIVATE_KEY_FILE must be set"),
        ({"CLIENT_ID": "i"}, "NETSUITE_ACCOUNT, NETSUITE_CERTIFICATE_ID, NETSUITE_PRIVATE_KEY_FILE"),
        ({"ACCOUNT": "9", "TOKEN_ID": "t"}, "NETSUITE_CONSUMER_KEY, NETSUITE_CONSUMER_SECRET, NETSUITE_TOKEN_SECRET"),
        ({**TOKEN}, "NETSUITE_ACCOUNT must be set"),
        ({**TOKEN, "ACCOUNT": "9", "CLIENT_ID": "i"}, "two logins"),
        (
            {"ACCOUNT": "9", "CLIENT_ID": "i", "CERTIFICATE_ID": "k", "PRIVATE_KEY_FILE": "/nowhere/key.pem"},
            "NETSUITE_PRIVATE_KEY_FILE cannot be read",
        ),
    ],
)
def test_half_a_login_is_refused_with_a_sentence(nothing: dict[str, Any], values: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        account_from({**nothing, **values})


def test_secrets_are_not_in_the_text_of_an_account(nothing: dict[str, Any]) -> None:
    canaries = {name: f"canary-{name}" for name in TOKEN}

    assert "canary" not in repr(account_from({**nothing, **canaries, "ACCOUNT": "9"}))
    assert "PRIVATE" not in repr(account_from(nothing))
