"""What the README and the other pages tell people to type exists: Make targets, commands and their options."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")})
_FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_TARGET = re.compile(r"(?:^|[\s;&])make ((?:[a-z][a-z-]*(?: |$))+)", re.MULTILINE)
_COMMAND = re.compile(r"manage\.py ([a-z_]+)([^\n;|&#]*)")
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def typed(text: str) -> Iterator[str]:
    """What stands in code: fenced blocks (with their continued lines joined) and inline."""
    for block in _FENCED.findall(text):
        yield block.replace("\\\n", " ")
    yield from _INLINE.findall(_FENCED.sub("", text))


def targets(text: str) -> set[str]:
    """The Make targets that a page names."""
    return {target for code in typed(text) for found in _TARGET.findall(code) for target in found.split()}


def commands(text: str) -> set[tuple[str, str]]:
    """The commands of manage.py that a page names, each with every option it is given and once with none."""
    named = {match for code in typed(text) for match in _COMMAND.findall(code)}
    return {(name, option) for name, rest in named for option in ["", *_OPTION.findall(rest)]}


def _makefile_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def _exists(name: str, option: str) -> bool:
    app = get_commands().get(name)
    if app is None:
        return False
    command = load_command_class(app, name) if isinstance(app, str) else app
    return not option or option in command.create_parser("manage.py", name)._option_string_actions


def test_code_is_found_in_blocks_and_between_backticks() -> None:
    prose = "Type `make run PORT=8001`, then make tea.\n"
    text = prose + "```sh\nmake lint test\npython manage.py tick \\\n  --now X # or\n```\n"

    assert targets(text) == {"run", "lint", "test"}
    assert commands(text) == {("tick", ""), ("tick", "--now")}


def test_a_command_or_option_that_is_not_there_is_noticed() -> None:
    assert _exists("tick", "--now")
    assert not _exists("tick", "--never")
    assert not _exists("tock", "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    assert targets(page.read_text(encoding="utf-8")) - _makefile_targets() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_and_option_that_a_page_names_exists(page: Path) -> None:
    named = commands(page.read_text(encoding="utf-8"))

    assert {" ".join(command) for command in named if not _exists(*command)} == set()


def test_help_names_every_target_for_people() -> None:
    helped = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

    assert {"help", "run", "test", "demo", "lint", "bench"} <= set(helped)
