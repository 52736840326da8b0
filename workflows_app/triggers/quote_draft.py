"""The one way to a quote draft: chat, command and demo put it up for a decision here, as the form does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from approvals.canonical import parse
from approvals.models import ProposedAction
from approvals.principals import Principal
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.runner.preconditions import CheckResult
from workflows_app.triggers.once import start_once

WORKFLOW: Final = "quote_draft"
_STEP: Final = "stage_draft"


class NoQuoteDraftsError(Exception):
    """The contract that stages quote drafts is not there; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class QuoteDraft:
    """A run of `quote_draft` and the proposal that it staged: None when a check blocked it, or it is not done yet."""

    run: WorkflowRun
    proposal: ProposedAction | None

    @property
    def warnings(self) -> list[CheckResult]:
        """The checks that did not hold; a `block` one is why there is no proposal."""
        return [check for check in parse(self.run.checks) if not check["passed"]]


def propose(inputs: Mapping[str, Any], *, principal: Principal, key: str = "") -> QuoteDraft:
    """Stage a draft; the same key and inputs again give the same one. The inputs are those of `quote_draft`.

    Approving the draft starts `customer_quote`. Raises `InputError`, `KeyTakenError`, `NoQuoteDraftsError`.
    """
    contract = WorkflowContract.objects.filter(workflow_type=WORKFLOW, active=True).first()
    if contract is None:
        raise NoQuoteDraftsError(f"There is no active contract {WORKFLOW}; a person must run `load_contracts` first.")
    run = start_once(contract, inputs, principal=principal, key=key)
    staged = ProposedAction.objects.filter(run_id=run.pk, step=_STEP).order_by("-proposed_at")
    return QuoteDraft(run=run, proposal=staged.first())
