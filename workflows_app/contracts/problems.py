"""What is wrong with a contract file: every problem with its place, raised once, all together."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Path = tuple[str | int, ...]


def shown(path: Path) -> str:
    """`fan_out[0].operations[1].set` for a path of keys and positions; `contract` for the whole."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "contract"


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """One problem. `line` and `column` count from 1; `path` is as `shown`."""

    source: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}: {self.path}: {self.message}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A problem before its place in the file is known: the path of the value and the character in its text.

    `at_key`: the key is what is wrong, not its value.
    """

    path: Path
    message: str
    offset: int = 0
    at_key: bool = False


class ContractErrors(Exception):  # noqa: N818 - it carries them all
    """A contract that does not load. `problems` holds every one, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean X?` when a known name is near, else the known names when they are few, else nothing."""
    names: Sequence[str] = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
