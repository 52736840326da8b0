"""The deciding words are marked where they stand, and the text stays the text."""

from workflows_app.admin.mail_in.marked import Piece, marked


def test_each_word_is_marked_wherever_it_stands_and_however_it_is_written() -> None:
    pieces = marked("We DISPUTE it. A dispute\nabout milk", ["dispute", "dispute about"])

    assert [piece.text for piece in pieces if piece.marked] == ["DISPUTE", "dispute\nabout"]
    assert "".join(piece.text for piece in pieces) == "We DISPUTE it. A dispute\nabout milk"


def test_without_words_nothing_is_marked() -> None:
    assert marked("text", [" "]) == [Piece(text="text")]
    assert marked("", ["x"]) == []


def test_words_with_signs_of_expressions_are_words() -> None:
    assert [piece.text for piece in marked("a (b", ["(b"]) if piece.marked] == ["(b"]
