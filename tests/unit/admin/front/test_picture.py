"""A chart shows every amount in proportion, inside its frame."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows_app.admin.front.picture import HEIGHT, WIDTH, Chart, Column, Part, shortened


def part(size: int) -> Part:
    return Part(name="Owed", look="good", size=size, said=str(size), link="/")


def chart(*columns: list[int]) -> Chart:
    drawn = [Column(label="1", heading="1", total="", parts=tuple(map(part, sizes))) for sizes in columns]
    return Chart(key="key", title="", unit="", columns=tuple(drawn), nothing="")


@given(st.lists(st.lists(st.integers(0, 10**9), min_size=2, max_size=2), min_size=1, max_size=14))
def test_every_amount_is_drawn_inside_the_frame_and_over_no_other(columns: list[list[int]]) -> None:
    drawn = chart(*columns)

    assert len(drawn.blocks) == sum(size > 0 for sizes in columns for size in sizes)
    for block in drawn.blocks:
        assert block.x >= 0
        assert block.x + block.width <= WIDTH
        assert block.y >= 0
        assert block.y + block.height <= HEIGHT
    for one, other in zip(drawn.blocks, drawn.blocks[1:], strict=False):
        beside = one.x + one.width <= other.x
        above = other.y + other.height <= one.y + 0.02
        assert beside or above


def test_twice_as_much_is_twice_as_high() -> None:
    small, large = chart([100], [200]).blocks

    assert large.height == pytest.approx(2 * small.height)


def test_nothing_is_empty() -> None:
    assert chart([0], [0]).empty
    assert not chart([0], [1]).empty


def test_the_last_column_always_has_its_label() -> None:
    assert [label.x for label in chart(*[[1]] * 14).labels][-1] == pytest.approx(WIDTH * 13.5 / 14, abs=0.01)


@pytest.mark.parametrize(
    ("amount", "said"), [(0, "0"), (950, "950"), (Decimal("12400.00"), "12.4k"), (3_100_000, "3.1M")]
)
def test_a_number_above_a_column_is_short(amount: Decimal, said: str) -> None:
    assert shortened(amount) == said
