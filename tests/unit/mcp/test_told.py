"""Answers have a bounded length, and what was cut is said."""

from workflows_app.mcp.cards import CardTold, CheckTold
from workflows_app.mcp.told import clipped, shortened


def test_a_long_text_is_cut_and_says_so() -> None:
    assert clipped("a" * 10, 4) == "aaaa… (cut, 10 characters in all)"
    assert clipped("aaaa", 4) == "aaaa"


def test_what_is_left_out_of_many_lines_is_counted() -> None:
    assert shortened(["a", "b", "c"], most=2) == ["a", "b", "… and 1 more; the card shows all."]
    assert shortened(["a", "b"], most=2) == ["a", "b"]


def test_a_card_says_which_checks_did_not_hold_and_nothing_of_checks_it_has_not() -> None:
    late = CheckTold(name="Fresh", severity="warn", passed=False, detail="too old")
    fine = CheckTold(name="There", severity="block", passed=True, detail="")

    assert list(CardTold(sentence="S.", effects=["New", "    in it"], checks=[late, fine]).lines()) == [
        "S.",
        "- New",
        "      in it",
        "Checks: 1 of 2 hold.",
        "- warn: Fresh: too old",
    ]
    assert list(CardTold(sentence="S.", effects=[], checks=[]).lines()) == ["S."]
