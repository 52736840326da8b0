"""What approvals calls inside its transactions; whoever carries decisions out registers it once, at start-up.

Lock order: approvals locks the proposal's row before it calls a hook. Code that holds a lock of its own (a run's row)
and then closes or supersedes a *pending* proposal can deadlock with a decision; lock the proposal first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from approvals.models import Decision, ProposedAction
from approvals.new_proposal import NewProposal

Edit = dict[str, Any]
"""`{"item": text, "field": text, "value": JSON}`."""

BUSY = "Busy just now; nothing was decided; try again."


class WorldChangedError(Exception):
    """Raised by `Hooks.decided`: what was approved cannot be done any more; the proposal is closed with this reason."""


class DecisionRefusedError(Exception):
    """Raised by a hook: this decision cannot be taken now; the proposal stays as it was."""


class EditRefusedError(Exception):
    """Raised by `Hooks.edited`: a field is not editable, or its new value makes no sense."""


@dataclass(frozen=True, kw_only=True)
class Proceed:
    """Nothing has changed since the proposal was staged: the decision may be taken.

    `seen`: what the hook has read; `decided` gets it back in the same transaction, so that it need not read again.
    """

    seen: object = None


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The proposal is over: its world changed. `replacement` is staged in its place."""

    status: Literal["superseded", "closed"]
    message: str
    replacement: NewProposal | None = None


class Hooks(Protocol):
    """Every call is made inside the transaction of the change it belongs to."""

    def before_approve(self, proposal: ProposedAction) -> Proceed | Stop:
        """Check again what is about to be approved. The row is locked and still pending."""

    def decided(self, proposal: ProposedAction, decision: Decision, seen: object) -> None:
        """Carry an approval or a rejection on; `seen` is of `Proceed`, None before a rejection.

        Raises `WorldChangedError`, `DecisionRefusedError`.
        """

    def edited(self, proposal: ProposedAction, edits: Sequence[Edit]) -> NewProposal:
        """Plan anew with all `edits` made so far, the latest of each field. Raises `EditRefusedError`."""

    def expired(self, proposal: ProposedAction) -> None:
        """Carry the end of an undecided proposal on."""

    def closed(self, proposal: ProposedAction) -> None:
        """Carry the end of a proposal on whose world changed and that nothing replaces; it says why itself."""

    def again(self, proposal: ProposedAction, by: str) -> NewProposal:
        """Plan an expired or closed proposal afresh for the principal `by`. Raises `DecisionRefusedError`."""


class NoHooks:
    """Proceeds and does nothing: approvals on its own."""

    def before_approve(self, proposal: ProposedAction) -> Proceed | Stop:
        """Nothing to check."""
        return Proceed()

    def decided(self, proposal: ProposedAction, decision: Decision, seen: object) -> None:
        """Nobody carries it on."""

    def edited(self, proposal: ProposedAction, edits: Sequence[Edit]) -> NewProposal:
        """Nobody can plan. Raises `EditRefusedError`."""
        raise EditRefusedError("Nothing here can be edited.")

    def expired(self, proposal: ProposedAction) -> None:
        """Nobody carries it on."""

    def closed(self, proposal: ProposedAction) -> None:
        """Nobody carries it on."""

    def again(self, proposal: ProposedAction, by: str) -> NewProposal:
        """Nobody can plan. Raises `DecisionRefusedError`."""
        raise DecisionRefusedError("This cannot be proposed again.")


_registered: list[Hooks] = [NoHooks()]


def register(hooks: Hooks) -> None:
    """Let `hooks` be called from now on, instead of what was registered before."""
    _registered[:] = [hooks]


def current() -> Hooks:
    """The hooks that are called."""
    return _registered[0]
