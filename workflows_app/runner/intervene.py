"""What a person may do with a run that is under way: try a step again now, skip a step, cancel the run.

Each is a decision as any other: a proposal that says what is done and why, staged and decided in one transaction. So
the permission, the digest, the chain and the audit are those of every decision; `interventions.py` carries it out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from approvals import hooks, policy, services
from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import ProposedAction, Verdict
from approvals.passing import unless_busy
from approvals.principals import Principal
from approvals.services.permission import permission_refusal
from workflows_app.effects import proposals
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import ProposalStage
from workflows_app.effects.identity import derive_id
from workflows_app.models import OutboundEmail, PendingPush, WorkflowRun, WorkflowStep
from workflows_app.runner.interventions import ACTION_TYPE, PLACE, label, refuse_unless_open

What = Literal["retry", "skip", "cancel"]
KINDS: Final[tuple[What, ...]] = ("retry", "skip", "cancel")
_EXPIRES_SECONDS = 60 * 60
_AGAIN = "The same was asked for already; look at the run again."


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody asks for.

    `seen`: what the page showed them, the attempts of the step, or the fence of the run for one without a step; an old
    page does nothing. None takes the present one.
    """

    run_id: str
    what: What
    step: str = ""
    item: str = ""
    reason: str = ""
    seen: int | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether it was done, the sentence that says so or why not, and the proposal that records it."""

    done: bool
    message: str
    proposal_id: str = ""


def intervene(wish: Wish, *, user: AbstractBaseUser | AnonymousUser, channel: str) -> Answer:
    """Do it, or say why not; of a refusal nothing is kept. Raises `WorkflowRun.DoesNotExist`."""
    refusal = permission_refusal(user) or _refusal(wish)
    if refusal:
        return Answer(done=False, message=refusal)
    if wish.what == "cancel":
        wish = replace(wish, step="", item="", seen=None)
    try:
        answer: Answer = unless_busy(lambda: _decided(wish, user, channel), _busy)
        return answer
    except IntegrityError:
        return Answer(done=False, message=_AGAIN)
    except hooks.DecisionRefusedError as error:
        return Answer(done=False, message=str(error))


def _busy() -> Answer:
    return Answer(done=False, message=hooks.BUSY)


def _refusal(wish: Wish) -> str | None:
    if wish.what != "retry" and not wish.reason.strip():
        return f"{'Skipping' if wish.what == 'skip' else 'Cancelling'} needs a reason."
    if wish.what == "skip" and not wish.step:
        return "Say which step is skipped."
    return policy.reason_refusal(Verdict.APPROVE, wish.reason)


@transaction.atomic
def _decided(wish: Wish, user: AbstractBaseUser | AnonymousUser, channel: str) -> Answer:
    assert isinstance(user, AbstractBaseUser)  # noqa: S101 permission_refusal let nobody else pass
    run = WorkflowRun.objects.select_related("contract").get(pk=wish.run_id)
    refuse_unless_open(run, wish.what)
    seen = _seen(run, wish)
    effect = _proposal(run, wish, seen)
    proposals.stage([effect], _context(run, wish, seen, Principal.person(user)))
    staged = ProposedAction.objects.get(pk=effect["id"])
    result = services.decide(
        staged.pk, Verdict.APPROVE, user=user, channel=channel, digest=staged.digest, reason=wish.reason
    )
    if result.outcome != "approved":
        raise hooks.DecisionRefusedError(result.message)
    return Answer(done=True, message=_DONE[wish.what](run), proposal_id=staged.pk)


def _seen(run: WorkflowRun, wish: Wish) -> int:
    """What tells one retry from the next, and an old page from a new one."""
    if wish.seen is not None:
        return wish.seen
    record = WorkflowStep.objects.filter(run=run, step=wish.step, item=wish.item).first() if wish.step else None
    return record.attempts if record is not None else run.fence


def _proposal(run: WorkflowRun, wish: Wish, seen: int) -> ProposalStage:
    about = label(wish.step, wish.item)
    revision = str(seen) if wish.what == "retry" else ""
    return proposals.of_our_own(
        id=derive_id("pro", run.pk, ACTION_TYPE, wish.what, wish.step, wish.item, revision),
        action_type=ACTION_TYPE,
        entity=("workflow_run", f"workflow:{run.workflow_type}:run_{run.pk}"),
        title=f"{_TITLES[wish.what]} {about or run.contract.title}",
        summary=_SUMMARIES[wish.what],
        payload={
            "run_id": run.pk,
            "intervention": wish.what,
            "step": wish.step,
            "item": wish.item,
            "attempts" if wish.step else "fence": seen,
            "reason": wish.reason.strip(),
        },
        expires_seconds=_EXPIRES_SECONDS,
    )


def _context(run: WorkflowRun, wish: Wish, seen: int, by: Principal) -> ApplyContext:
    return ApplyContext(
        run_id=run.pk,
        workflow_type=run.workflow_type,
        contract_version=run.contract.contract_version,
        step=f"{PLACE}{wish.what}",
        item="/".join(filter(None, [wish.step, wish.item])),
        inputs={},
        plan_revision=seen if wish.what == "retry" else 1,
        proposed_by=str(by),
        now=database_now(),
        causes=(*parse(run.trigger)["causes"], run.workflow_type),
    )


def _what_stays(run: WorkflowRun) -> str:
    """What a run has done before it was cancelled, and what of it has not left yet."""
    done = WorkflowStep.objects.filter(run=run, status="done").count()
    pushes = PendingPush.objects.filter(run_id=run.pk).exclude(status="applied").count()
    letters = OutboundEmail.objects.filter(proposed_action__run_id=run.pk, status="queued").count()
    if not done:
        return "Nothing of it was done."
    stays = f"{_counted(done, 'step')} done before {'stays' if done == 1 else 'stay'} done."
    if pushes or letters:
        stays += f" Approved, and still to leave: {_counted(pushes, 'push', 'pushes')}, {_counted(letters, 'letter')}."
    return stays


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


_TITLES: Mapping[What, str] = {"retry": "Try again now:", "skip": "Skip:", "cancel": "Cancel:"}
_SUMMARIES: Mapping[What, str] = {
    "retry": "What waits for its next attempt is tried at once. It counts as the next attempt of its policy.",
    "skip": "The step is not done. What needs it is not reached; everything else goes on.",
    "cancel": "Nothing more of this run is done. Its open proposals are closed; what was done stays.",
}
_DONE: Mapping[What, Callable[[WorkflowRun], str]] = {
    "retry": lambda _run: "It is tried again now.",
    "skip": lambda _run: "Skipped. What needs it is not reached; the rest of the run goes on.",
    "cancel": lambda run: f"Cancelled. {_what_stays(run)}",
}
