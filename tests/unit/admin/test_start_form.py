"""What a form sends, as raw inputs."""

from typing import Any

import pytest

from workflows_app.admin.contracts.start_form import blank_form, read_form, typed_form
from workflows_app.contracts.schema import Contract, InputSpec, ManualTrigger


def contract(**options: Any) -> Contract:
    """A contract with one input `x`."""
    return Contract.model_construct(trigger=ManualTrigger(kind="manual"), inputs=(InputSpec(name="x", **options),))


@pytest.mark.parametrize(
    ("kind", "typed", "raw"),
    [
        ("string", " Lee ", " Lee "),
        ("string", "   ", None),
        ("text", "a\r\nb", "a\nb"),
        ("boolean", "on", True),
        ("boolean", "", False),
        ("list[string]", "a\r\n\r\n b ", ["a", "b"]),
        ("list[integer]", "", None),
        ("object", '{"a": 1}', {"a": 1}),
        ("decimal", "12.5", "12.5"),
    ],
)
def test_what_is_typed_becomes_a_raw_input(kind: str, typed: str, raw: Any) -> None:
    inputs, errors = read_form(contract(type=kind), {"x": typed})

    assert inputs == {"x": raw}
    assert errors == {}


@pytest.mark.parametrize("typed", ["{", "[" * 100_000, "{'a': 1}"])
def test_what_is_no_json_gets_a_sentence(typed: str) -> None:
    inputs, errors = read_form(contract(type="object"), {"x": typed})

    assert inputs == {}
    assert errors["x"].startswith("is not JSON.")


def test_defaults_are_filled_in_as_a_person_would_type_them() -> None:
    assert blank_form(contract(type="list[string]", default=["a", "b"]))[0].typed == "a\nb"
    assert blank_form(contract(type="boolean", default=True))[0].checked
    assert blank_form(contract(type="integer", default=5))[0].typed == "5"


def test_an_unticked_box_stays_unticked_when_the_form_comes_back() -> None:
    (field,) = typed_form(contract(type="boolean", default=True), {}, {})

    assert not field.checked


def test_an_error_stands_at_its_field_as_a_sentence() -> None:
    (field,) = typed_form(contract(type="decimal"), {"x": "much"}, {"x": "takes a number."})

    assert (field.error, field.typed) == ("X takes a number.", "much")
