"""What a person says of a letter of which nobody knows whether it arrived: it did, or it did not and is sent again.

Each is a decision as any other: a proposal that says what is done and why, staged and decided in one transaction. So
the permission, the digest, the chain and the audit are those of every decision. The second copy is the letter as it was
approved, with an id and so a Message-ID of its own, derived from that of the first: a letter has one second copy at
most, whoever clicks how often, and the rules of the first decision are asked again.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from approvals import hooks, policy, services, standing
from approvals.canonical import parse
from approvals.clock import database_now
from approvals.models import ProposedAction, Verdict
from approvals.passing import unless_busy
from approvals.principals import Principal
from approvals.services.permission import permission_refusal
from workflows_app.delivery import approved_letter, artifacts, email
from workflows_app.effects import proposals
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import EmailSend, ProposalStage
from workflows_app.effects.identity import derive_id
from workflows_app.models import OutboundEmail, WorkflowRun
from workflows_app.models.lock import hold_still
from workflows_app.runner import verify_staging
from workflows_app.runner.intervene import Answer

What = Literal["arrived", "again"]
KINDS: Final[tuple[What, ...]] = ("arrived", "again")
ACTIONS: Final[Mapping[What, str]] = {"arrived": "letter_arrived", "again": "letter_again"}
PLACE: Final = "letter:"
"""What the step of such a proposal begins with; the names of a contract's steps have no colon."""

_EXPIRES_SECONDS = 60 * 60
_LONGEST_STEP = 80
_ALREADY = "It was sent again already; a letter has one second copy, which can be sent again in its turn."


def settle_letter(
    email_id: str, what: What, *, user: AbstractBaseUser | AnonymousUser, channel: str, reason: str = ""
) -> Answer:
    """Do it, or say why not; of a refusal nothing is kept. Raises `OutboundEmail.DoesNotExist`."""
    refusal = permission_refusal(user) or policy.reason_refusal(Verdict.APPROVE, reason)
    if refusal:
        return Answer(done=False, message=refusal)
    try:
        answer: Answer = unless_busy(lambda: _decided(email_id, what, user, channel, reason), _busy)
        return answer
    except IntegrityError:
        return Answer(done=False, message=_ALREADY)
    except hooks.DecisionRefusedError as error:
        return Answer(done=False, message=str(error))


def refusal(letter: OutboundEmail, what: What) -> str:
    """Why this cannot be said of a letter as it stands; empty when it can."""
    return _REFUSALS[what](letter)


def _busy() -> Answer:
    return Answer(done=False, message=hooks.BUSY)


@transaction.atomic
def _decided(email_id: str, what: What, user: AbstractBaseUser | AnonymousUser, channel: str, reason: str) -> Answer:
    """Under the shared lock, so that of two at once the second sees what the first has done."""
    assert isinstance(user, AbstractBaseUser)  # noqa: S101 permission_refusal let nobody else pass
    hold_still()
    letter = OutboundEmail.objects.select_related("proposed_action").get(pk=email_id)
    no = refusal(letter, what)
    if no:
        raise hooks.DecisionRefusedError(no)
    effect = _proposal(letter, what, reason.strip())
    proposals.stage([effect], _context(letter, what, Principal.person(user)))
    staged = ProposedAction.objects.get(pk=effect["id"])
    result = services.decide(
        staged.pk, Verdict.APPROVE, user=user, channel=channel, digest=staged.digest, reason=reason
    )
    if result.outcome != "approved":
        raise hooks.DecisionRefusedError(result.message)
    if not _SETTLED[what](letter.pk):
        raise hooks.DecisionRefusedError("This letter was changed meanwhile; look at it again.")
    verify_staging.settled_by_hand(staged.run_id, _steps(letter), database_now())
    return Answer(done=True, message=_DONE[what], proposal_id=staged.pk)


def _steps(letter: OutboundEmail) -> list[str]:
    """The step that the letter comes from, and those of the letters that it takes the place of."""
    earlier = [] if letter.replaces is None else _steps(letter.replaces)
    return [letter.proposed_action.step, *earlier]


def _not_uncertain(letter: OutboundEmail) -> str:
    return "" if letter.status == "uncertain" else f"This letter is {letter.status}: there is nothing to find out."


def _not_again(letter: OutboundEmail) -> str:
    if OutboundEmail.objects.filter(replaces=letter.pk).exists() or _waiting(letter):
        return _ALREADY
    if not email.may_go_again(letter):
        return f"This letter is {letter.status}: it is not sent a second time."
    if approved_letter.outdated(letter):
        return "The quote that it tells of was revised since; draft it again."
    no = standing.refusal(letter.proposed_action, letter.digest)
    if no or _approved(letter) is None:
        return f"It cannot be sent again: {no or 'it is not the letter that was approved'}."
    return ""


def _waiting(letter: OutboundEmail) -> bool:
    """Whether a second copy is approved and waits, with everything else, for a hold to be lifted."""
    asked = ProposedAction.objects.filter(
        run_id=letter.proposed_action.run_id,
        step__startswith=f"{PLACE}again:",
        entity_ref=letter.pk,
        status="approved",
    )
    return asked.exists()


_REFUSALS: Final[Mapping[What, Callable[[OutboundEmail], str]]] = {"arrived": _not_uncertain, "again": _not_again}


def _proposal(letter: OutboundEmail, what: What, reason: str) -> ProposalStage:
    """The proposal; one that sends has the rules of the first decision, and the world that they compare with."""
    first = parse(letter.proposed_action.effects)
    told = proposals.of_our_own(
        id=derive_id("pro", letter.pk, ACTIONS[what], str(_turn(letter))),
        action_type=ACTIONS[what],
        entity=("letter", letter.pk),
        title=f"{_TITLES[what]} {letter.to}: {letter.subject}",
        summary=_SUMMARIES[what],
        payload={"letter": letter.pk, "message_id": letter.message_id, "was": letter.status, "reason": reason},
        expires_seconds=_EXPIRES_SECONDS,
        on_approve=[_copy(letter)] if what == "again" else (),
    )
    told["customer_name"] = letter.proposed_action.customer_name
    if what == "again":
        told["recheck"], told["was"] = first["recheck"], first.get("was")
        told["alias"], told["for_each"] = first.get("alias", ""), first.get("for_each", "")
        told["key"] = first.get("key", "")
    told["place"] = [*first.get("place", [letter.proposed_action.item]), f"{what}:{letter.pk}"]
    return told


def _turn(letter: OutboundEmail) -> int:
    """How often this was decided of the letter and came to nothing; then it may be decided anew."""
    before = ProposedAction.objects.filter(run_id=letter.proposed_action.run_id, entity_ref=letter.pk)
    return before.filter(step__startswith=PLACE).count() + 1


def _approved(letter: OutboundEmail) -> Mapping[str, Any] | None:
    """The letter as it was approved, which its row only repeats."""
    effects = parse(letter.proposed_action.effects)["on_approve"]
    return next((effect for effect in effects if effect.get("id") == letter.pk), None)


def _copy(letter: OutboundEmail) -> EmailSend:
    """The approved letter with an id of its own; its attachments from the copies that were kept of them."""
    approved = _approved(letter) or {}
    files = [{**file, "key": artifacts.fixed_key(file["sha256"])} for file in approved["attachments"]]
    new = {"id": derive_id("eml", letter.pk, "again"), "replaces": letter.pk, "attachments": files}
    return cast(EmailSend, {**approved, **new})


def _context(letter: OutboundEmail, what: What, by: Principal) -> ApplyContext:
    proposal = letter.proposed_action
    text = parse(proposal.effects)
    run = WorkflowRun.objects.get(pk=proposal.run_id)
    return ApplyContext(
        run_id=run.pk,
        workflow_type=run.workflow_type,
        contract_version=text["contract"]["version"],
        step=f"{PLACE}{what}:{_steps(letter)[-1]}"[:_LONGEST_STEP],
        item=letter.pk,
        inputs=text["inputs"],
        plan_revision=_turn(letter),
        proposed_by=str(by),
        now=database_now(),
        causes=(*parse(run.trigger)["causes"], run.workflow_type),
    )


_TITLES: Final[Mapping[What, str]] = {"arrived": "It arrived: letter to", "again": "Send again: letter to"}
_SUMMARIES: Final[Mapping[What, str]] = {
    "arrived": "A person found out that it arrived. Nothing is sent; the letter counts as sent from now on.",
    "again": "A person found out that it did not arrive. The same letter is sent once more, word for word.",
}
_DONE: Final[Mapping[What, str]] = {
    "arrived": "Recorded: it arrived. It counts as sent.",
    "again": "Recorded: it did not arrive. It is sent again now, as a letter of its own.",
}
_SETTLED: Final[Mapping[What, Callable[[str], bool]]] = {
    "arrived": lambda letter_id: email.settle(letter_id, arrived=True),
    "again": email.replace,
}
