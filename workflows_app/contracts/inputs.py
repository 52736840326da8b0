"""The declared inputs of a contract: what a person, an event or an approval gives a run."""

from typing import Any, Literal

from workflows_app.contracts.formats import FormatName
from workflows_app.contracts.primitives import Name, Strict

InputType = Literal[
    "string", "text", "email", "integer", "decimal", "boolean", "date", "datetime", "object",
    "list[string]", "list[text]", "list[email]", "list[integer]", "list[decimal]", "list[boolean]", "list[date]",
    "list[datetime]", "list[object]",
]  # fmt: skip


class InputSpec(Strict):
    """One declared input. `string` is one line, tidied: composed accents, single blanks, nothing invisible; `text` is
    kept as is. `format` narrows the type (`contracts/formats.py`); `fields` are the values of an `object`, or of each
    `object` of a list.
    """

    name: Name
    type: InputType
    required: bool = False
    default: Any = None
    help: str = ""
    pattern: str | None = None
    format: FormatName | None = None
    fields: tuple["InputSpec", ...] = ()
