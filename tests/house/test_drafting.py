"""A language model drafts and does nothing else: who asks it, who keeps what it says, and that planning never asks."""

import re

from tests.house.test_rules import files_matching, sources

ROOM = "workflows_app/drafting/"


def test_only_three_modules_ask_the_model() -> None:
    assert files_matching(r"^from workflows_app\.drafting\.client import .*\bask\b") == {
        f"{ROOM}letters.py",
        f"{ROOM}reflexions.py",
        f"{ROOM}triage.py",
    }
    assert files_matching(r"\bDRAFTING\b\S*KEY|\bendpoint\.key\b") == {f"{ROOM}client.py"}


def test_what_it_says_is_kept_by_two_modules_and_never_changed() -> None:
    kept = {name for name, text in sources() if re.search(r"DraftedText\.objects\.(?!filter\b)", text)}

    assert kept == {"workflows_app/runner/drafting.py", "workflows_app/runner/reflexion.py"}
    assert files_matching(r"DraftedText\.objects\.filter\([^\n]*\)\.(update|delete)\(") == set()


def test_planning_knows_frozen_drafts_only() -> None:
    planning = ("workflows_app/steps/", "workflows_app/runner/plan.py", "workflows_app/runner/reading.py")
    used = {
        module
        for name, text in sources()
        if name.startswith((*planning, "workflows_app/runner/drafts.py", "workflows_app/effects/"))
        for module in re.findall(r"^from workflows_app\.drafting\.(\w+) import", text, re.MULTILINE)
    }

    assert used == {"frozen"}
