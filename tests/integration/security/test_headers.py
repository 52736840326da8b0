"""What every answer tells the browser, and what the settings are when others can reach us."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from config import security
from tests.integration.security.conftest import log_in

ROOT = Path(__file__).parents[3]
pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/account/second-factor/", "/favicon.ico", "/nowhere/"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = client.get(path).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-eval'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_page_of_the_console_is_kept_by_no_cache(mike: User, client: Client) -> None:
    log_in(client)

    assert "no-store" in client.get("/").headers["Cache-Control"]


def test_the_favicon_is_there(client: Client) -> None:
    response = client.get("/favicon.ico")

    assert (response.status_code, response.headers["Location"]) == (301, "/static/countersign/favicon.svg")


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(mike: User, client: Client) -> None:
    log_in(client)

    assert client.cookies["sessionid"]["httponly"]
    assert {client.cookies[name]["samesite"] for name in ("sessionid", "csrftoken") if name in client.cookies} == {
        "Lax"
    }


def test_plain_http_is_sent_to_https_when_a_proxy_says_so(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = security.behind(1)["SECURE_PROXY_SSL_HEADER"]

    assert client.get("/login/").headers["Location"] == "https://testserver/login/"
    safe = client.get("/login/", headers={"X-Forwarded-Proto": "https"})
    assert safe.status_code == 200
    assert safe.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("hosts", "alone"),
    [
        (["localhost", "127.0.0.1", "[::1]"], True),
        (["countersign.example.com"], False),
        (["localhost", "192.168.1.7"], False),
        (["*"], False),
        ([".localhost.example.com"], False),
    ],
)
def test_other_hosts_are_recognised(hosts: list[str], alone: bool) -> None:
    assert security.only_here(hosts) is alone


def shown(**environment: str) -> dict[str, str]:
    """Settings as a fresh process has them, with nothing but these variables."""
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS",
             "SECURE_PROXY_SSL_HEADER", "MFA_REQUIRED"]  # fmt: skip
    code = f"from django.conf import settings as s; print(*(repr(getattr(s, n)) for n in {names!r}), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=_only(environment), capture_output=True, text=True, check=True
    )
    return dict(zip(names, done.stdout.splitlines(), strict=True))


def _only(environment: dict[str, str]) -> dict[str, str]:
    """These variables, and of ours nothing else: what `.env` says is overruled."""
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **base,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "k" * 60,
        "DEBUG": "false",
        **environment,
    }


def test_make_run_on_the_own_machine_speaks_plain_http() -> None:
    assert shown() == {
        "SESSION_COOKIE_SECURE": "False",
        "CSRF_COOKIE_SECURE": "False",
        "SECURE_SSL_REDIRECT": "False",
        "SECURE_HSTS_SECONDS": "0",
        "SECURE_PROXY_SSL_HEADER": "None",
        "MFA_REQUIRED": "False",
    }


def test_an_installation_that_others_reach_is_secure_without_being_told() -> None:
    found = shown(ALLOWED_HOSTS="countersign.example.com")

    assert (found["SESSION_COOKIE_SECURE"], found["CSRF_COOKIE_SECURE"]) == ("True", "True")
    assert found["SECURE_HSTS_SECONDS"] == "31536000"
    assert found["SECURE_PROXY_SSL_HEADER"] == "None"  # nobody said that there is a proxy


def test_an_older_environment_behind_a_proxy_goes_on_without_a_circle_of_redirects() -> None:
    found = shown(ALLOWED_HOSTS="countersign.example.com", SECURE_COOKIES="true")

    assert found["SECURE_SSL_REDIRECT"] == "False"


def test_the_environment_of_the_deployment_page_leaves_check_deploy_nothing_to_say() -> None:
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    block = page.split("`/etc/countersign.env`", 1)[1].split("```sh\n", 1)[1].split("```", 1)[0]
    environment = dict(line.split("=", 1) for line in block.splitlines())
    assert environment["MFA_REQUIRED"] == "true"
    environment |= {"SECRET_KEY": os.urandom(40).hex()}
    for name in ("DATABASE_URL", "DATABASE_READONLY_URL"):
        environment[name] = "sqlite:///:memory:"

    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT, env=_only(environment), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize("path", ["/inbox/%00/", "/inbox/?after=%00", "/workflows_app/workflowrun/%00/change/"])
def test_an_address_that_no_database_can_look_for_is_bad(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_machines_are_told_so_as_they_are_told_everything(client: Client) -> None:
    answer = client.get("/api/proposals?after=%00")

    assert (answer.status_code, answer.json()) == (400, {"error": "There is a NUL in the address."})
