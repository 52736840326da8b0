"""docs/console.md names the keys, the words and the groups that the console has, and no others."""

import re
from pathlib import Path

import pytest

from approvals.groups import APPROVERS, MACHINES, SALES, VIEWERS
from approvals.models import Outcome, ProposalStatus
from workflows_app.models.run import RunStatus

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/console.md").read_text(encoding="utf-8")
_KEYS = re.compile(r"^const keys = \{(.*?)^\};", re.MULTILINE | re.DOTALL)
_KEY = re.compile(r"""^  "?([a-z/?])"?: \(\) =>""", re.MULTILINE)


def words_after(heading: str) -> set[str]:
    """The words of the table with this heading, as its rows begin: `approved, rejected` are two."""
    table = PAGE.partition(f"| {heading} | |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
    return {word.strip() for row in rows for word in row.split(",")} - {"---"}


def said(word: str) -> str:
    """As people write it."""
    return word.replace("_", " ")


def test_the_page_names_every_key_of_the_inbox() -> None:
    script = (ROOT / "workflows_app/static/countersign/inbox.js").read_text(encoding="utf-8")
    found = _KEYS.search(re.sub(r"^  ", "", script, flags=re.MULTILINE))
    assert found is not None

    table = PAGE.partition("| Key | |")[2].partition("\n\n")[0]

    keys = set(_KEY.findall(found[1]))
    assert len(keys) > 5
    assert set(re.findall(r"`(.)`", table)) == keys


def test_the_page_says_what_each_status_of_a_proposal_means() -> None:
    others = {"overdue", "risk 1 to 5", "revision 2"}

    assert words_after("Of a proposal") - others == {said(status) for status in ProposalStatus.values}


@pytest.mark.parametrize(
    ("heading", "words"),
    [("How far what was approved has come", Outcome.values), ("Of a run", RunStatus.values)],
)
def test_the_page_says_what_each_word_means(heading: str, words: list[str]) -> None:
    assert words_after(heading) == {said(word) for word in words}


def test_the_page_says_what_each_group_may() -> None:
    table = PAGE.partition("| Group | May |")[2].partition("\n\n")[0]

    groups = set(re.findall(r"^\| (\w+) \|", table, re.MULTILINE))
    assert groups == {APPROVERS, SALES, VIEWERS, MACHINES}
