"""The versions of a contract, and the difference between any two of them, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from workflows_app.models import WorkflowContract

_MOST: Final = 50
_AROUND: Final = 2


@dataclass(frozen=True, kw_only=True)
class DiffLine:
    """One line of a difference. `before`, `after`: its numbers in either text; `gap` stands for what was left out."""

    kind: Literal["same", "gone", "new", "gap"]
    before: int | None
    after: int | None
    text: str

    @property
    def sign(self) -> str:
        """What stands before the line, so that it does not take a colour to see it."""
        return {"gone": "−", "new": "+"}.get(self.kind, "")

    @property
    def said(self) -> str:
        """The same for those who hear it."""
        return {"gone": "taken out", "new": "added"}.get(self.kind, "")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What `row` says otherwise than `other`; no lines: they say the same."""

    other: WorkflowContract
    lines: tuple[DiffLine, ...]


def versions(row: WorkflowContract) -> list[WorkflowContract]:
    """The newest versions of the same workflow, without their text."""
    same = WorkflowContract.objects.filter(workflow_type=row.workflow_type)
    return list(same.defer("source").order_by("-contract_version")[:_MOST])


def difference(row: WorkflowContract, against: str) -> Difference | None:
    """What changed between version `against` of the same workflow and this one; None when there is no such version."""
    if not against.isdecimal() or len(against) > 9:
        return None
    other = WorkflowContract.objects.filter(workflow_type=row.workflow_type, contract_version=int(against)).first()
    return None if other is None else Difference(other=other, lines=tuple(_lines(other.source, row.source)))


def _lines(before: str, after: str) -> Iterator[DiffLine]:
    """The changed lines with two lines around them."""
    old, new = before.splitlines(), after.splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND)
    for number, group in enumerate(groups):
        if number:
            yield DiffLine(kind="gap", before=None, after=None, text="…")
        for tag, first, last, start, end in group:
            if tag == "equal":
                for offset in range(last - first):
                    yield DiffLine(
                        kind="same", before=first + offset + 1, after=start + offset + 1, text=old[first + offset]
                    )
                continue
            for at in range(first, last):
                yield DiffLine(kind="gone", before=at + 1, after=None, text=old[at])
            for at in range(start, end):
                yield DiffLine(kind="new", before=None, after=at + 1, text=new[at])
