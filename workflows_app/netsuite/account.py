"""Which NetSuite account to talk to and how to log in, from the settings; without any, the embedded sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from workflows_app.netsuite.errors import SettingsError
from workflows_app.netsuite.sandbox.credentials import ensure_credentials

SANDBOX_ACCOUNT = "TSTDRV1"


@dataclass(frozen=True, kw_only=True)
class CertificateLogin:
    """OAuth 2.0 client credentials: an integration's client id, and the key whose certificate NetSuite knows."""

    client_id: str
    certificate_id: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class TokenLogin:
    """Token-based authentication (OAuth 1.0 with HMAC-SHA256); NetSuite takes no new ones from 2027.1 on."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token_id: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account: `name` as NetSuite writes it (`123456_SB1`), `url` without a path, limits, and the login.

    `concurrency`: requests under way at the same time, counted over all our processes. `timeout` in seconds.
    """

    name: str
    url: str
    login: CertificateLogin | TokenLogin
    concurrency: int = 2
    timeout: float = 60.0
    embedded: bool = False


_CERTIFICATE = ("CLIENT_ID", "CERTIFICATE_ID", "PRIVATE_KEY_FILE")
_TOKEN = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
# Laid over the settings, these values take away whatever live account they name.
NO_ACCOUNT = dict.fromkeys(("ACCOUNT", *_CERTIFICATE, *_TOKEN), "")


def account_from(values: Mapping[str, Any]) -> Account:
    """The account that `settings.NETSUITE` describes. Raises `SettingsError` when it is set by half."""
    given = {name for name in ("ACCOUNT", *_CERTIFICATE, *_TOKEN) if values[name]}
    limits = _limits(values)
    if not given:
        return _sandbox(values, limits)
    _refuse_half(given)
    _refuse_without_zone(values)
    login = _certificate(values) if "CLIENT_ID" in given else _token(values)
    url = values["URL"].rstrip("/") or _host(values["ACCOUNT"])
    if not url.startswith("https://") and urlsplit(url).hostname not in _THIS_MACHINE:
        raise SettingsError("NETSUITE_URL must begin with https://: a login is sent there.")
    return Account(name=values["ACCOUNT"], url=url, login=login, **limits)


def _limits(values: Mapping[str, Any]) -> dict[str, Any]:
    if values["CONCURRENCY"] < 1 or values["TIMEOUT"] <= 0:
        raise SettingsError("NETSUITE_CONCURRENCY must be at least 1, and NETSUITE_TIMEOUT more than 0 seconds.")
    return {"concurrency": values["CONCURRENCY"], "timeout": values["TIMEOUT"]}


def _refuse_half(given: set[str]) -> None:
    """A sentence for every way of being set by half."""
    if given & set(_CERTIFICATE) and given & set(_TOKEN):
        raise SettingsError("NetSuite has two logins: set NETSUITE_CLIENT_ID … or NETSUITE_CONSUMER_KEY …, not both.")
    wanted = _TOKEN if given & set(_TOKEN) else _CERTIFICATE
    missing = [f"NETSUITE_{name}" for name in ("ACCOUNT", *wanted) if name not in given]
    if missing:
        raise SettingsError(f"NetSuite is set up by half: {', '.join(missing)} must be set as well.")


def _refuse_without_zone(values: Mapping[str, Any]) -> None:
    """A guessed zone would hide changes made in NetSuite, which would then be overwritten."""
    if not values["TIME_ZONE"]:
        raise SettingsError(
            "NETSUITE_TIME_ZONE must be set for a live account: the zone of the user whose login this is, "
            "e.g. America/New_York."
        )


def _host(account: str) -> str:
    """Hosts are lower-case, with a hyphen where the account's name has an underscore."""
    return f"https://{account.lower().replace('_', '-')}.suitetalk.api.netsuite.com"


def _certificate(values: Mapping[str, Any]) -> CertificateLogin:
    path = Path(values["PRIVATE_KEY_FILE"])
    try:
        key = path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise SettingsError(f"NETSUITE_PRIVATE_KEY_FILE cannot be read: {type(error).__name__}.") from None
    return CertificateLogin(client_id=values["CLIENT_ID"], certificate_id=values["CERTIFICATE_ID"], private_key=key)


def _token(values: Mapping[str, Any]) -> TokenLogin:
    return TokenLogin(**{name.lower(): values[name] for name in _TOKEN})


def _sandbox(values: Mapping[str, Any], limits: dict[str, Any]) -> Account:
    """The embedded server on this machine; its keys are made on first use."""
    known = ensure_credentials(Path(values["SANDBOX_FOLDER"]))
    login = CertificateLogin(
        client_id=known.client_id, certificate_id=known.certificate_id, private_key=known.private_key_pem
    )
    url = values["URL"].rstrip("/") or f"http://127.0.0.1:{values['SANDBOX_PORT']}"
    if urlsplit(url).hostname not in _THIS_MACHINE:
        raise SettingsError("NETSUITE_URL names another machine: set NETSUITE_ACCOUNT and a login as well.")
    return Account(name=SANDBOX_ACCOUNT, url=url, login=login, embedded=True, **limits)
