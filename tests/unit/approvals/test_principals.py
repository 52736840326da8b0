"""approvals.principals: person:mike, machine:tick."""

import pytest
from django.contrib.auth.models import User

from approvals.principals import Principal


def test_a_person_is_named_after_the_user() -> None:
    assert str(Principal.person(User(username="mike"))) == "person:mike"


@pytest.mark.parametrize("principal", [Principal("person", "mike"), Principal("machine", "mcp:desk 7")])
def test_the_text_of_a_principal_reads_back(principal: Principal) -> None:
    assert Principal.parse(str(principal)) == principal


@pytest.mark.parametrize("text", ["", "mike", "robot:x", "person:", "machine: ", ":mike", "Person:mike"])
def test_what_is_no_principal_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a principal"):
        Principal.parse(text)
