"""Laws of breaking text into lines that fit."""

from hypothesis import given
from hypothesis import strategies as st

from workflows_app.admin.picture.text import width, wrap

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=80)
ROOMS = st.integers(min_value=40, max_value=200)


@given(text=TEXTS, room=ROOMS)
def test_no_line_is_wider_than_the_room(text: str, room: int) -> None:
    for line in wrap(text, room, 12.0, most=3):
        assert width(line, 12.0) <= room


@given(text=TEXTS, room=ROOMS)
def test_nothing_is_lost_while_there_are_lines_enough(text: str, room: int) -> None:
    lines = wrap(text, room, 12.0, most=200)

    assert "".join("".join(lines).split()) == "".join(text.split())


@given(text=TEXTS, room=ROOMS)
def test_there_are_never_more_lines_than_asked_for(text: str, room: int) -> None:
    assert len(wrap(text, room, 12.0, most=2)) <= 2


def test_a_name_breaks_after_its_underscores() -> None:
    assert wrap("no_duplicate_in_disguise", 110, 12.0) == ("no_duplicate_in_", "disguise")


def test_what_is_cut_ends_with_an_ellipsis() -> None:
    assert wrap("one two three four five", 60, 12.0, most=1)[-1].endswith("…")
