"""What became of the effects of a decision, as far as it is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How one thing ended, or stands. `look` is the colour of its chip; `note` an error or a reason; `link` a page."""

    text: str
    look: str
    note: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Endings:
    """What became of steps, by name and item, and of single effects, by their id."""

    steps: Mapping[tuple[str, str], Ending] = field(default_factory=dict)
    effects: Mapping[str, Ending] = field(default_factory=dict)


NOTHING_YET = Endings()
