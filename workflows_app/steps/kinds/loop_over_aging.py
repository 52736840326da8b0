"""`loop_over_aging`: one collection letter per customer, drafted by the tier that its oldest debt falls in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from workflows_app.contracts.expressions import evaluate
from workflows_app.contracts.operations import ProposalBody
from workflows_app.contracts.schema import Expression, Name, Seconds, Step, Strict
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, PlanningError, StepKind, StepSkippedError
from workflows_app.steps.letters import email_effect, recipient, template_text
from workflows_app.steps.proposals import stage_effect

ACTION_TYPE = "collection_action"


class Tier(Strict):
    """How long overdue (days, both ends included), which letter, how long to wait after the last one sent.

    `call`: a person calls as well.
    """

    name: Name
    from_days: int = Field(ge=1)
    to_days: int | None = Field(default=None, ge=1)
    template: str
    pause_days: int = Field(ge=0)
    call: bool = False

    def holds(self, days: int) -> bool:
        """Whether a debt this many days overdue belongs here."""
        return self.from_days <= days and (self.to_days is None or days <= self.to_days)


class LoopOverAging(Step):
    """The tiers, what each element of the loop says of its customer, and the letter's values.

    `last_sent_at`, `last_rejected_at`: moments or NULL; `pending`: how many letters wait for a decision or for sending.
    """

    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
    days_overdue: Expression
    total: Expression
    last_sent_at: Expression | None = None
    last_rejected_at: Expression | None = None
    pending: Expression | None = None
    rejection_pause_days: int = Field(default=1, ge=0)
    to: str
    values: dict[str, Any] = {}
    customer_id: str
    customer_name: str
    recheck: tuple[Expression, ...] = ()
    expires_after: Seconds = 7 * 86400
    window_minutes: int = Field(default=60, ge=1)

    @model_validator(mode="after")
    def _one_tier_each(self) -> "LoopOverAging":
        """A day belongs to one tier, so that a letter's tone is never a matter of order."""
        for earlier, later in zip(self.tiers, self.tiers[1:], strict=False):
            if earlier.to_days is None or later.from_days <= earlier.to_days:
                raise PydanticCustomError("tiers_overlap", f"tier {later.name} has to begin after {earlier.name} ends")
        return self


class LoopOverAgingKind(StepKind[LoopOverAging]):
    """Stages a `collection_action` for each customer who is due for one."""

    name = "loop_over_aging"
    options = LoopOverAging

    def plan(self, step: LoopOverAging, env: PlanEnv) -> list[Effect]:
        """The proposal with the tier's letter inside; skipped, with the reason, when it is not its time."""
        days = evaluate(step.days_overdue, env.scope)
        tier = _tier(step, days)
        _respect_pauses(step, tier, env)
        name = env.text(step.customer_name)
        to = recipient(step.to, name, env)
        text = template_text(tier.template, step.values, env)
        letter = email_effect(
            env, operation="letter", action_type=ACTION_TYPE, to=to, text=text, customer_id=step.customer_id
        )
        payload = {"tier": tier.name, "days_overdue": days, "call": tier.call, "to": to}
        title = f"{tier.name.replace('_', ' ').capitalize()} to {name}: {text[0]}"
        return [stage_effect(_body(step, tier, days), ACTION_TYPE, env, [letter], payload=payload, title=title)]

    def describe(self, step: LoopOverAging) -> Sequence[Change]:
        """One proposal per customer."""
        what = f"INSERT (action_type={ACTION_TYPE}, per customer, {len(step.tiers)} tiers)"
        return [Change(system="D1", resource="proposed_actions", action=what)]


def _tier(step: LoopOverAging, days: Any) -> Tier:
    if not isinstance(days, int):
        raise PlanningError(f"{step.days_overdue} is not a number of days: {days!r}")
    for tier in step.tiers:
        if tier.holds(days):
            return tier
    raise StepSkippedError(f"{days} days overdue belong to no tier")


def _respect_pauses(step: LoopOverAging, tier: Tier, env: PlanEnv) -> None:
    """Raise `StepSkippedError` while a letter is pending, and for a time after one was sent or rejected."""
    if step.pending is not None and (evaluate(step.pending, env.scope) or 0) > 0:
        raise StepSkippedError("a collection letter is already waiting for a decision or for sending")
    tier_pause = f"{tier.name} waits {_days(tier.pause_days)}"
    _respect_pause(step.last_sent_at, tier.pause_days, "the last letter was sent", tier_pause, env)
    rejection = f"a rejection pauses {_days(step.rejection_pause_days)}"
    _respect_pause(step.last_rejected_at, step.rejection_pause_days, "the last letter was rejected", rejection, env)


def _respect_pause(moment: Expression | None, pause_days: int, what: str, rule: str, env: PlanEnv) -> None:
    last = None if moment is None else evaluate(moment, env.scope)
    if last is None:
        return
    if not isinstance(last, datetime):
        raise PlanningError(f"{moment} is not a moment: {last!r}")
    passed = env.scope.now - last
    if passed < timedelta(days=pause_days):
        raise StepSkippedError(f"{what} {_ago(passed)} ago; {rule}")


def _ago(passed: timedelta) -> str:
    hours = max(0, int(passed.total_seconds() // 3600))
    return _days(passed.days) if passed.days > 0 else f"{hours} hour{'' if hours == 1 else 's'}"


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


def _body(step: LoopOverAging, tier: Tier, days: int) -> ProposalBody:
    call = " A person calls as well." if tier.call else ""
    return ProposalBody.model_construct(
        entity_type="customer",
        entity_ref=step.customer_id,
        customer_name=step.customer_name,
        summary=f"{days} days past due: {tier.name.replace('_', ' ')}.{call}",
        amount=f"${{{{ {step.total} }}}}",
        expires_after=step.expires_after,
        window_minutes=step.window_minutes,
        recheck=step.recheck,
    )
