"""A card for a chat: what is asked, what would be done, and how the checks came out, in words."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from workflows_app.mcp.effects import said
from workflows_app.mcp.told import clipped, shortened
from workflows_app.presentation.card import Card, CheckView, StepView


class CheckTold(BaseModel):
    """One precondition. `passed` is false for what did not hold; a `block` one stops everything."""

    name: str
    severity: str
    passed: bool
    detail: str


class CardTold(BaseModel):
    """What a decision is about. `sentence` says it in one; `effects` say it one by one."""

    sentence: str
    effects: list[str]
    checks: list[CheckTold]

    def lines(self) -> Iterator[str]:
        """The card as text; of the checks those that did not hold."""
        yield self.sentence
        yield from (f"  {line}" if line.startswith(" ") else f"- {line}" for line in self.effects)
        failed = [check for check in self.checks if not check.passed]
        if self.checks:
            yield f"Checks: {len(self.checks) - len(failed)} of {len(self.checks)} hold."
        yield from (f"- {check.severity}: {check.name}: {check.detail}" for check in failed)


def told(card: Card) -> CardTold:
    """The card as data."""
    return CardTold(
        sentence=clipped(card.sentence),
        effects=shortened([line for step in card.steps for line in _of_step(step)]),
        checks=checks(card.checks),
    )


def checks(found: Sequence[CheckView]) -> list[CheckTold]:
    """Checks as data."""
    return [
        CheckTold(name=check.name, severity=check.severity, passed=check.passed, detail=clipped(check.detail))
        for check in found
    ]


def _of_step(step: StepView) -> Iterator[str]:
    where = " ".join(filter(None, [step.title, f"({step.about or step.item})" if step.about or step.item else ""]))
    opening = f"{where}: " if where else ""
    if step.skipped:
        yield f"{opening}skipped, {step.skipped}"
    for view in step.effects:
        first, *rest = said(view)
        yield f"{opening}{first}"
        yield from rest
