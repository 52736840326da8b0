"""What a workflow would do now, with nothing written."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from approvals.canonical import digest
from workflows_app.mcp.cards import CardTold, told
from workflows_app.mcp.principal import CHAT
from workflows_app.mcp.told import Id, Told
from workflows_app.mcp.workflow import active, way_to_start
from workflows_app.presentation.card import read_card
from workflows_app.presentation.look_up import look_up
from workflows_app.presentation.words import money
from workflows_app.runner.preconditions import blocking, in_words
from workflows_app.triggers import manual

Inputs = Annotated[
    dict[str, Any],
    Field(description="The inputs by name, as explain_workflow lists them. Money as text, such as 41.25."),
]


class DryRunTold(Told):
    """What would happen. `blocked`: why nothing would; empty otherwise. `digest`: of this very plan.

    A run that is really started has ids of its own, and therefore another digest.
    """

    workflow_type: str
    title: str
    customer: str
    amount: str
    blocked: str
    card: CardTold
    digest: str
    start_with: str

    def lines(self) -> Iterator[str]:
        """What would happen, or why not."""
        yield f"{self.title}: a dry run. Nothing was written."
        if self.blocked:
            yield f"It would be blocked: {self.blocked}"
        yield from self.card.lines()
        yield f"To start it: {self.start_with}." if self.start_with else "It cannot be started from a chat."


def dry_run_workflow(workflow_type: Id, inputs: Inputs) -> DryRunTold:
    """Plan a workflow without a gate and without a trace: what it would do now, and how its checks come out."""
    row, contract = active(workflow_type)
    dry = manual.dry_run(row, inputs, principal=CHAT)
    stopped = blocking(dry.reading.checks)
    return DryRunTold(
        workflow_type=workflow_type,
        title=dry.proposal.title,
        customer=dry.proposal.customer_name,
        amount="" if stopped else money(dry.proposal.amount),
        blocked=in_words(stopped),
        card=told(read_card(dry.proposal.effects, look_up=look_up)),
        digest=digest(dry.proposal.effects),
        start_with=way_to_start(contract),
    )
