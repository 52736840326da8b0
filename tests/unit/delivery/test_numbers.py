"""The number that people see."""

from workflows_app.delivery.numbers import document_number


def test_a_derived_id_becomes_a_short_number() -> None:
    assert document_number("cs-est-6f1c2f0e-5d0a-5b7e-9a35-0c5f3c1b7a11") == "Q-6F1C2-F0E5D"


def test_a_number_of_netsuite_stays_as_it_is() -> None:
    assert document_number("EST-1042") == "EST-1042"
