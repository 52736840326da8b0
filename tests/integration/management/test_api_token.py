"""`api_token`: shown once, never again."""

import json

import pytest
from django.core.management import CommandError, call_command

from approvals.clock import database_now
from workflows_app.credentials import tokens
from workflows_app.models import ApiToken

pytestmark = pytest.mark.django_db


def bad_use(*arguments: str) -> str:
    """The sentence of a command that does not do it."""
    with pytest.raises(CommandError) as error:
        call_command("api_token", *arguments)
    assert error.value.returncode == 2
    return str(error.value)


def test_it_prints_the_token_alone(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_token", "shop", "--scope", "events:write", "--scope", "runs:read")

    found = tokens.find(capsys.readouterr().out.strip(), database_now())
    assert found is not None
    assert (found.scopes, found.created_by, found.expires_at) == ("events:write runs:read", "machine:command", None)


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_token", "shop", "--scope", "runs:read", "--days", "30", "--json")

    answer = json.loads(capsys.readouterr().out)
    assert (answer["name"], answer["scopes"]) == ("shop", ["runs:read"])
    assert answer["expires_at"].endswith("Z")
    assert tokens.find(answer["token"], database_now())


def test_it_revokes(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_token", "shop", "--scope", "runs:read")
    call_command("api_token", "shop", "--revoke")

    assert ApiToken.objects.get().revoked_by == "machine:command"
    assert "is revoked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["shop"], "at least one"),
        (["shop", "--scope", "decide"], "no scope decide"),
        (["Shop", "--scope", "runs:read"], "small letters"),
        (["shop", "--scope", "runs:read", "--days", "0"], "--days"),
        (["nobody", "--revoke"], "no token"),
    ],
)
def test_bad_use_makes_nothing(arguments: list[str], says: str) -> None:
    assert says in bad_use(*arguments)
    assert not ApiToken.objects.exists()
