"""Edit: put an edited proposal in the place of a pending one. The edited one is then decided as any other."""

from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from approvals import chain, hooks, policy
from approvals.canonical import canonical, parse
from approvals.models import ProposedAction, Verdict
from approvals.services.decide import Request, TooLateError, came_first, locked, take, why_not
from approvals.services.replace import succession
from approvals.services.results import DecisionResult, or_busy, refused
from approvals.services.stage import stage


def edit(
    proposal_id: str,
    edits: Sequence[hooks.Edit],
    *,
    user: AbstractBaseUser | AnonymousUser,
    channel: str,
    digest: str,
) -> DecisionResult:
    """Supersede a pending proposal by one planned with `edits` (`[{item, field, value}]`).

    The successor keeps every edit made so far, the latest of each field. The edit is a row of the decision chain.
    Raises `ProposedAction.DoesNotExist`.
    """
    message = policy.edits_refusal(edits)
    if message:
        return refused(ProposedAction.objects.get(pk=proposal_id), message)
    request = Request(
        proposal_id=proposal_id, verdict=Verdict.EDIT, user=user, channel=channel, digest=digest, edits=canonical(edits)
    )
    return or_busy(proposal_id, lambda: _edit(request))


@transaction.atomic
def _edit(request: Request) -> DecisionResult:
    proposal = locked(request.proposal_id)
    message = why_not(proposal, request)
    return refused(proposal, message) if message else _edited(proposal, request)


def _edited(proposal: ProposedAction, request: Request) -> DecisionResult:
    merged = _merged(parse(proposal.edits), parse(request.edits))
    try:
        with transaction.atomic():  # a hook that refuses the edit undoes what it wrote, and nothing before it
            new = hooks.current().edited(proposal, merged)
            take(proposal, request)
            successor = stage(replace(succession(proposal, new), edits=canonical(merged)))
    except TooLateError:
        return came_first(proposal, request.digest)
    except (hooks.EditRefusedError, hooks.DecisionRefusedError, chain.ChainError) as error:
        proposal.refresh_from_db()
        return refused(proposal, str(error))
    message = f"Edited; {successor.pk} took its place."
    return DecisionResult(outcome="superseded", message=message, proposal=proposal, replacement_id=successor.pk)


def _merged(earlier: list[hooks.Edit], later: list[hooks.Edit]) -> list[hooks.Edit]:
    latest = {(edit["item"], edit["field"]): edit for edit in [*earlier, *later]}
    return list(latest.values())
