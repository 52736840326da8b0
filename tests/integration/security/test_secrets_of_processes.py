"""What a process says of its secrets without its database, or with a mistyped setting (QUALITY.md test 29)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.security.canaries import CANARIES, Watch

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[3]

SCRIPT = """
import logging, sys, traceback
import django
from django.core.management import call_command
django.setup()
for name in [None, *logging.root.manager.loggerDict]:
    logging.getLogger(name).setLevel(logging.DEBUG)
for command in sys.argv[1:]:
    try:
        call_command(*command.split())
    except BaseException:
        traceback.print_exc()
"""
COMMANDS = ("check --deploy", "migrate", "tick", "health", "set_up")
AT = "127.0.0.1:9"
ENVIRONMENT = {
    "SECRET_KEY": CANARIES["SECRET_KEY"],
    "SECRET_KEY_FALLBACKS": CANARIES["SECRET_KEY_FALLBACKS"],
    "MIKE_PASSWORD": CANARIES["MIKE_PASSWORD"],
    "DATABASE_URL": f"postgres://app:{CANARIES['DATABASE_URL']}@{AT}/countersign",
    "DATABASE_READONLY_URL": f"postgres://reader:{CANARIES['DATABASE_READONLY_URL']}@{AT}/countersign",
    "EMAIL_URL": f"smtp+tls://office:{CANARIES['EMAIL_URL']}@{AT}",
    "INBOUND_IMAP_URL": f"imap://office:{CANARIES['INBOUND_IMAP_URL']}@{AT}/INBOX",
    "DEADMAN_URL": f"http://{AT}/{CANARIES['DEADMAN_URL']}",
    "DRAFTING_URL": "http://models.example",
    "DRAFTING_MODEL": "m",
    "DRAFTING_KEY": CANARIES["DRAFTING_KEY"],
    "NETSUITE_ACCOUNT": "123456",
    "NETSUITE_CONSUMER_KEY": CANARIES["NETSUITE_CONSUMER_KEY"],
    "NETSUITE_TOKEN_SECRET": CANARIES["NETSUITE_TOKEN_SECRET"],
    "HTTP_SECRET_PARTNER": f"Bearer {CANARIES['HTTP_SECRET_PARTNER']}",
    "LOG_LEVEL": "DEBUG",
    "DEBUG": "false",
    "ALLOWED_HOSTS": "console.example.com",
}


def process(*commands: str, **environment: str) -> str:
    """What a process of its own says when it runs commands in this environment."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    words = {**known, "DJANGO_SETTINGS_MODULE": "config.settings", **ENVIRONMENT, **environment}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *commands], cwd=ROOT, env=words, capture_output=True, text=True, timeout=120
    )
    return done.stdout + done.stderr


def test_a_process_without_its_database_says_no_secret() -> None:
    told = process(*COMMANDS)

    assert told.count("connection failed") >= 3
    assert "DRAFTING_URL begins with https" in told
    assert Watch().seen(told) == set()


MISTYPED = {
    "DATABASE_URL": f"postgers://app:{CANARIES['DATABASE_URL']}@{AT}/countersign",
    "DATABASE_READONLY_URL": f"postgres//app:{CANARIES['DATABASE_READONLY_URL']}@{AT}/countersign",
    "EMAIL_URL": f"smpt://office:{CANARIES['EMAIL_URL']}@{AT}",
}


@pytest.mark.parametrize("name", MISTYPED)
def test_a_setting_that_is_mistyped_is_told_without_its_secret(name: str) -> None:
    told = process("check", **{name: MISTYPED[name]})

    assert "ImproperlyConfigured" in told
    assert Watch().seen(told) == set()
