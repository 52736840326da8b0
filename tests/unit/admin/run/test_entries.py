"""Many of one kind are told as one."""

from datetime import UTC, datetime, timedelta

from workflows_app.admin.run.entries import Entry, together

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def letter(seconds: int) -> Entry:
    return Entry(at=NOON + timedelta(seconds=seconds), sentence=f"Letter {seconds}.", many="letters were sent")


def test_a_few_of_a_kind_are_told_one_by_one() -> None:
    entries = [letter(1), letter(2), letter(3)]

    assert list(together(entries)) == entries


def test_many_of_a_kind_within_a_minute_are_one_where_the_first_is() -> None:
    other = Entry(at=NOON + timedelta(seconds=2), sentence="Something else.")

    first, second, last = together([letter(1), other, letter(2), letter(3), letter(4), letter(90)])

    assert (first.sentence, len(first.members)) == ("4 letters were sent.", 4)
    assert (second, last) == (other, letter(90))


def test_what_is_of_no_kind_stays_alone() -> None:
    entries = [Entry(at=NOON, sentence="Again.")] * 9

    assert list(together(entries)) == entries
