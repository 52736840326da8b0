"""Letters as `email.send` effects: composed when they are planned, so that what is approved is what is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from workflows_app.contracts.expressions import is_true, render
from workflows_app.contracts.operations import AboutQuote
from workflows_app.contracts.schema import Letter
from workflows_app.delivery.letters import LetterError, compose, compose_inline, validate_recipient
from workflows_app.delivery.message_ids import thread, usable
from workflows_app.effects.data import Attachment, EmailSend, artifact_sha256
from workflows_app.steps.base import PlanEnv
from workflows_app.steps.errors import PlanningError, StepSkippedError

EDITABLE = ["subject", "body"]
_ARTIFACT = "R2 artifact at "


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The message that a letter answers, and those of its thread, oldest first, that one included."""

    message_id: str
    references: tuple[str, ...]


def recipient(to: str, whose: str, env: PlanEnv) -> str:
    """The one address a letter goes to. Raises `StepSkippedError` when `whose` has none on file, or none that works."""
    address = env.text(to).strip()
    whose = whose or "The recipient"
    if not address:
        raise StepSkippedError(f"{whose} has no email address on file")
    try:
        return validate_recipient(address)
    except LetterError as error:
        raise StepSkippedError(f"{whose}: {error}") from error


def letter_text(letter: Letter, env: PlanEnv) -> tuple[str, str]:
    """Subject and body. Raises `PlanningError` when the letter cannot be written whole."""
    if letter.template is not None:
        return template_text(letter.template, letter.values, env)
    try:
        return compose_inline(env.text(letter.subject or ""), env.text(letter.body or ""))
    except LetterError as error:
        raise PlanningError(str(error)) from error


def template_text(template: str, values: dict[str, Any], env: PlanEnv) -> tuple[str, str]:
    """Subject and body of a letter template. Raises `PlanningError` when a value is missing or blank."""
    try:
        return compose(template, render(values, env.scope))
    except LetterError as error:
        raise PlanningError(str(error)) from error


def email_effect(
    env: PlanEnv,
    *,
    operation: str,
    action_type: str,
    to: str,
    text: tuple[str, str],
    customer_id: str | None = None,
    quote: AboutQuote | None = None,
    attachments: Sequence[Attachment] = (),
    answers: Answers | None = None,
) -> EmailSend:
    """The letter as data. `customer_id` is a template, or None."""
    letter: EmailSend = {
        "kind": "email.send",
        "id": env.derive_id("eml", operation),
        "action_type": action_type,
        "to": to,
        "subject": text[0],
        "body": text[1],
        "attachments": list(attachments),
        "related_quote_id": (env.text(quote.quote_id or "") or None) if quote else None,
        "related_quote_revision": _revision(quote.quote_revision or "", env) if quote else None,
        "related_customer_id": customer_id and (env.text(customer_id) or None),
        "editable": list(EDITABLE),
        "letterhead": settings.COMPANY["name"],
    }
    if answers is not None:
        letter |= {"in_reply_to": answers.message_id, "references": list(answers.references)}
    return letter


def answered(in_reply_to: str | None, references: str | None, env: PlanEnv) -> Answers | None:
    """The message that the templates name; None when they name none, or one whose id no header can carry.

    Both come from outside: a letter that cannot be threaded is a letter all the same.
    """
    message_id = usable(env.text(in_reply_to or ""))
    if not message_id:
        return None
    return Answers(message_id=message_id, references=tuple(thread(env.text(references or ""), message_id)))


def _revision(template: str, env: PlanEnv) -> int | None:
    text = env.text(template)
    if text and not text.isdecimal():
        raise PlanningError(f"{text!r} is not the number of a revision")
    return int(text) if text else None


def attachment(step: str, name: str, env: PlanEnv) -> Attachment | None:
    """The file that `step` produces, its content hash still open; None when that step's own condition does not hold."""
    producer = next((other for other in env.contract.fan_out if other.name == step), None)
    produces = getattr(producer, "produces", ())
    if producer is None or not produces:
        raise PlanningError(f"{step} produces nothing that could be attached")
    if producer.if_ is not None and not is_true(producer.if_, env.scope):
        return None
    return {"name": env.text(name), "key": artifact_key(produces[0], env), "sha256": artifact_sha256(step)}


def artifact_key(produces: str, env: PlanEnv) -> str:
    """The storage key of `R2 artifact at <key>`, or of a plain `<key>`. Raises `PlanningError` for an unsafe one."""
    key = env.text(produces).removeprefix(_ARTIFACT)
    if not key or key.startswith("/") or ".." in key.split("/") or "\\" in key:
        raise PlanningError(f"{key!r} cannot be the key of an artifact")
    return key
