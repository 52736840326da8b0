"""What people call principals."""

import re
from datetime import datetime
from typing import Final

from workflows_app.presentation import moments

_PRINCIPAL: Final = re.compile(r"\b(person|machine):([\w.@+-]*\w)")
_MOMENT: Final = re.compile(r"\b(\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?) UTC")
_MACHINES: Final = {
    "schedule": "the schedule",
    "events": "an event",
    "command": "a command",
    "verify": "a verify check",
}


def who(principal: str) -> str:
    """A principal as people say it: `person:mike` is mike, `machine:schedule` is the schedule."""
    kind, _, name = principal.partition(":")
    if kind == "machine":
        return _MACHINES.get(name, name)
    return name or principal


def told(message: str) -> str:
    """What a decision answered, with principals named as people and moments in the time of the office."""
    return _MOMENT.sub(lambda found: moments.said(datetime.fromisoformat(f"{found[1]}Z")), people(message))


def people(text: str) -> str:
    """A text with the principals in it named as people."""
    return _PRINCIPAL.sub(lambda found: who(found[0]), text)
