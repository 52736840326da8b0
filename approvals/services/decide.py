"""Decide: one person approves or rejects exactly what they were shown, once."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from approvals import chain, hooks, policy
from approvals.canonical import canonical, parse
from approvals.canonical import digest as digest_of
from approvals.clock import DatabaseNow, database_now
from approvals.models import Decision, Outcome, ProposalStatus, ProposedAction, Verdict
from approvals.services.permission import permission_refusal
from approvals.services.replace import succession
from approvals.services.results import DecisionResult, or_busy, refused, what_came_first
from approvals.services.stage import stage

_CHANGED = "What this proposal would do was changed after it was proposed. It cannot be decided; run verify_decisions."
_ALSO = "approve"
_TO: dict[Verdict, dict[str, str]] = {
    Verdict.APPROVE: {"status": ProposalStatus.APPROVED, "outcome": Outcome.APPROVED},
    Verdict.REJECT: {"status": ProposalStatus.REJECTED},
    Verdict.EDIT: {"status": ProposalStatus.SUPERSEDED},
}


class TooLateError(Exception):
    """The conditional UPDATE found no row: somebody or something came first."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A decision somebody asks for. `digest` is of what they were shown."""

    proposal_id: str
    verdict: Verdict
    user: AbstractBaseUser | AnonymousUser
    channel: str
    digest: str
    reason: str = ""
    edits: str = "[]"


def decide(
    proposal_id: str,
    verdict: Verdict,
    *,
    user: AbstractBaseUser | AnonymousUser,
    channel: str,
    digest: str,
    reason: str = "",
    also: Mapping[str, str] | None = None,
) -> DecisionResult:
    """Approve or reject a proposal. Raises `ProposedAction.DoesNotExist`; whatever a hook raises undoes everything.

    One transaction: 1. lock the row and say who or what came first; 2. to approve, let the hooks look at the world
    again; 3. take the decision (`take`). Nothing is kept of a refusal, nor when a lock was not to be had in time.
    `also`: of each proposal that this one will stage and that is approved too, by its id, the digest that it must have;
    the decision records them, and the hooks see to it.
    """
    verdict = Verdict(verdict)
    if verdict not in (Verdict.APPROVE, Verdict.REJECT):
        raise ValueError(f"{verdict} is not a decision; use edit()")
    request = Request(
        proposal_id=proposal_id,
        verdict=verdict,
        user=user,
        channel=channel,
        digest=digest,
        reason=reason.strip(),
        edits=_recorded(also or {}) if verdict == Verdict.APPROVE else "[]",
    )
    return or_busy(proposal_id, lambda: _decide(request))


def also_of(decision: Decision) -> dict[str, str]:
    """The digest of each proposal, by id, that this approval asks to approve too."""
    edits = parse(decision.edits) if decision.verdict == Verdict.APPROVE else []
    return {edit["item"]: edit["value"] for edit in edits if edit["field"] == _ALSO}


def _recorded(also: Mapping[str, str]) -> str:
    return canonical([{"item": item, "field": _ALSO, "value": digest} for item, digest in sorted(also.items())])


@transaction.atomic
def _decide(request: Request) -> DecisionResult:
    proposal = locked(request.proposal_id)
    message = policy.reason_refusal(request.verdict, request.reason) or why_not(proposal, request)
    if message:
        return refused(proposal, message)
    try:
        answer = hooks.current().before_approve(proposal) if request.verdict == Verdict.APPROVE else hooks.Proceed()
    except hooks.DecisionRefusedError as error:
        return refused(proposal, str(error))
    if isinstance(answer, hooks.Stop):
        return _stopped(proposal, answer)
    return _decided(proposal, request, answer.seen)


def locked(proposal_id: str) -> ProposedAction:
    """The row, locked until the transaction ends. Raises `ProposedAction.DoesNotExist`."""
    return ProposedAction.objects.select_for_update().get(pk=proposal_id)


def why_not(proposal: ProposedAction, request: Request) -> str | None:
    """Why `request` is refused before anything is tried, or None."""
    message = permission_refusal(request.user) or what_came_first(proposal, request.digest)
    if message is None and digest_of(proposal.effects) != proposal.digest:
        return _CHANGED
    return message


def take(proposal: ProposedAction, request: Request) -> Decision:
    """Flip the row and append to the chain. Raises `TooLateError`, `ChainError`.

    The one conditional UPDATE is the decision: whatever was read before it may have changed since.
    """
    assert isinstance(request.user, AbstractBaseUser)  # noqa: S101 permission_refusal let nobody else pass
    now = database_now()  # before the UPDATE, so that the moment written down is always before the expiry
    pending = ProposedAction.objects.filter(
        pk=proposal.pk, status=ProposalStatus.PENDING, digest=request.digest, expires_at__gt=DatabaseNow()
    )
    change = _TO[request.verdict]
    if not pending.update(**change):
        raise TooLateError
    for name, value in change.items():
        setattr(proposal, name, value)
    said = chain.Said(
        proposal=proposal,
        user=request.user,
        channel=request.channel,
        verdict=request.verdict,
        digest_shown=request.digest,
        decided_at=now,
        reason=request.reason,
        edits=request.edits,
    )
    return chain.append(said)


def came_first(proposal: ProposedAction, digest: str) -> DecisionResult:
    """The refusal after a `TooLateError`."""
    proposal.refresh_from_db()
    return refused(proposal, what_came_first(proposal, digest) or "Something else came first; look at it again.")


def _decided(proposal: ProposedAction, request: Request, seen: object) -> DecisionResult:
    try:
        with transaction.atomic():  # a hook that says no undoes the decision, and nothing before it
            decision = take(proposal, request)
            hooks.current().decided(proposal, decision, seen)
    except TooLateError:
        return came_first(proposal, request.digest)
    except hooks.WorldChangedError as error:
        return _stopped(proposal, hooks.Stop(status="closed", message=str(error)))
    except (hooks.DecisionRefusedError, chain.ChainError) as error:
        proposal.refresh_from_db()
        return refused(proposal, str(error))
    if request.verdict == Verdict.APPROVE:
        return DecisionResult(outcome="approved", message="Approved.", proposal=proposal)
    return DecisionResult(outcome="rejected", message="Rejected.", proposal=proposal)


def _stopped(proposal: ProposedAction, stop: hooks.Stop) -> DecisionResult:
    pending = ProposedAction.objects.filter(pk=proposal.pk, status=ProposalStatus.PENDING)
    ended = pending.update(status=stop.status, closed_reason=stop.message)
    replacement = stage(succession(proposal, stop.replacement)) if ended and stop.replacement else None
    proposal.refresh_from_db()
    if not ended:
        return came_first(proposal, proposal.digest)
    if replacement is None:
        hooks.current().closed(proposal)
    return DecisionResult(
        outcome=stop.status,
        message=stop.message,
        proposal=proposal,
        replacement_id=replacement.pk if replacement else None,
    )
