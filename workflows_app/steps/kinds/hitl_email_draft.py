"""`hitl_email_draft`: a letter that waits for its own decision. Drafted and queued, never sent by itself."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from workflows_app.contracts.operations import AboutQuote, Letter, ProposalBody
from workflows_app.contracts.schema import Expression, Seconds, Step, Strict
from workflows_app.effects.data import DraftMark, Effect, EmailSend, ProposalStage
from workflows_app.steps.base import Change, PlanEnv, StepKind
from workflows_app.steps.letters import answered, attachment, email_effect, letter_text, recipient
from workflows_app.steps.proposals import stage_effect

Tool = Literal["propose_email_to_customer", "send_quote_to_customer"]
ACTION_TYPES: Mapping[str, str] = {
    "propose_email_to_customer": "customer_email",
    "send_quote_to_customer": "quote_email",
}


class Attach(Strict):
    """The file that another step produces; left out when that step's own condition does not hold."""

    step: str
    name: str


class HitlEmailDraft(Step, Letter, AboutQuote):
    """The letter, whom and what it is about, and what must still hold when it is approved.

    `in_reply_to`: the Message-ID of what it answers, and `references` those that that one answered, separated by
    blanks. One that is empty or that no header can carry leaves the letter unthreaded. `drafted`: a language model may
    reword it, if the environment names one.
    """

    tool: Tool
    customer_id: str | None = None
    customer_name: str = ""
    summary: str = ""
    amount: str | None = None
    attach: tuple[Attach, ...] = ()
    drafted: bool = False
    in_reply_to: str | None = None
    references: str | None = None
    recheck: tuple[Expression, ...] = ()
    expires_after: Seconds = 7 * 86400
    window_minutes: int = Field(default=60, ge=1)


class HitlEmailDraftKind(StepKind[HitlEmailDraft]):
    """Stages one proposal whose approval queues the letter."""

    name = "hitl_email_draft"
    options = HitlEmailDraft

    def plan(self, step: HitlEmailDraft, env: PlanEnv) -> list[Effect]:
        """The proposal with the letter inside; skipped without a usable address on file."""
        to = recipient(step.to, env.text(step.customer_name), env)
        subject, template = letter_text(step, env)
        body, mark = env.drafts.body(subject, template) if step.drafted else (template, None)
        files = [attachment(file.step, file.name, env) for file in step.attach]
        action_type = ACTION_TYPES[step.tool]
        letter = email_effect(
            env,
            operation="letter",
            action_type=action_type,
            to=to,
            text=(subject, body),
            customer_id=step.customer_id,
            quote=step,
            attachments=[file for file in files if file is not None],
            answers=answered(step.in_reply_to, step.references, env),
        )
        title = f"Email to {to}: {subject}"
        staged = stage_effect(_proposal(step), action_type, env, [letter], payload={"to": to}, title=title)
        return [staged if mark is None else _marked(staged, letter, mark)]

    def describe(self, step: HitlEmailDraft) -> Sequence[Change]:
        """The seeds' row: the draft as an insert of proposed_actions."""
        return [Change(system="D1", resource="proposed_actions", action=f"INSERT (email draft via {step.tool})")]


def _marked(staged: ProposalStage, letter: EmailSend, mark: DraftMark) -> ProposalStage:
    """The proposal of a drafted letter; it says so on its card, in its payload and wherever it is listed."""
    letter["drafted"] = mark
    staged["payload"] = {**staged["payload"], "draft": mark["note"]}
    if mark["by"] == "model":
        staged["summary"] = f"{staged['summary']} {mark['note'].capitalize()}.".strip()
    return staged


def _proposal(step: HitlEmailDraft) -> ProposalBody:
    """What the proposal says: about the quote, else about the customer."""
    entity_type, reference = ("quote", step.quote_id) if step.quote_id else ("customer", step.customer_id)
    return ProposalBody.model_construct(
        entity_type=entity_type if reference else "workflow_run",
        entity_ref=reference or "",
        customer_name=step.customer_name,
        summary=step.summary,
        amount=step.amount,
        expires_after=step.expires_after,
        window_minutes=step.window_minutes,
        recheck=step.recheck,
    )
