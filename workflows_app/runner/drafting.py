"""The drafting phase: letters rewritten by a language model and frozen on the run before it is planned.

It comes once per run, between two transactions, the lease kept. Planning reads what is frozen here and asks nobody,
so that a plan made twice is the same plan; for a letter that says something else by then, the template stays.
"""

import time
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import datetime
from typing import Final

from django.db import transaction

from approvals.canonical import canonical, parse
from approvals.clock import database_now
from workflows_app.contracts.schema import Contract
from workflows_app.drafting.endpoint import Endpoint, endpoint
from workflows_app.drafting.frozen import Frozen, letter_key
from workflows_app.drafting.letters import draft_letter
from workflows_app.effects.data import EmailSend
from workflows_app.models import WorkflowRun
from workflows_app.models.drafting import LETTER, DraftedText
from workflows_app.runner import claim
from workflows_app.runner.drafts import drafted_steps
from workflows_app.runner.reading import read
from workflows_app.runner.recheck import READING_ERRORS
from workflows_app.runner.release import contract_for
from workflows_app.steps.letters import EDITABLE

# All letters of a run together; a lease (`LEASE_SECONDS`) is four times as long.
LONGEST_SECONDS: Final = 30.0
MOST_LETTERS: Final = 20
_TOO_MANY: Final = f"a run has at most {MOST_LETTERS} letters drafted"


def wanted(contract: Contract) -> bool:
    """Whether runs of this contract have a drafting phase: a step asks for it and there is an endpoint."""
    return bool(drafted_steps(contract)) and endpoint() is not None


def draft(run_id: str, worker: str, now: datetime | None) -> None:
    """Have the letters of a claimed run drafted, unless that was done or nothing asks for it. Call it outside any
    transaction. Raises `StaleRunError` when another worker has the run by then."""
    asked = endpoint()
    if asked is None:
        return
    with transaction.atomic():
        letters = _letters(claim.claimed(run_id, worker), now or database_now())
    if not letters:
        return
    texts = list(_drafted(asked, letters))
    with transaction.atomic():
        run, moment = claim.claimed(run_id, worker), now or database_now()
        claim.renew(run, moment)
        _freeze(run, letters, texts, moment)


def _letters(run: WorkflowRun, now: datetime) -> list[EmailSend]:
    """The letters to draft, as the template writes them, each once; none when that was done, or nothing is planned."""
    contract = contract_for(run.contract)
    steps = drafted_steps(contract)
    done = run.phase != "context" or run.crashes >= claim.MOST_CRASHES
    if done or not steps or DraftedText.objects.filter(run=run, purpose=LETTER).exists():
        return []
    try:
        plan = read(_without_edited_texts(run), contract, now).plan
    except READING_ERRORS:
        return []  # planning says it
    found = (letter for item in plan if item["step"] in steps for letter in _in_item(item["effects"]))
    return list({letter_key(letter["subject"], letter["body"]): letter for letter in found}.values())


def _without_edited_texts(run: WorkflowRun) -> WorkflowRun:
    """The run as it would be planned had nobody edited a letter: what a person wrote is not rewritten."""
    bare = copy(run)
    bare.edits = canonical([edit for edit in parse(run.edits) if edit["field"] not in EDITABLE])
    return bare


def _in_item(effects: Sequence[object]) -> Iterator[EmailSend]:
    """The letter of a planned `hitl_email_draft`: the one that approving its proposal sends."""
    for effect in effects:
        if isinstance(effect, dict) and effect["kind"] == "proposal.stage":
            yield from (inner for inner in effect["on_approve"] if inner["kind"] == "email.send")


def _drafted(asked: Endpoint, letters: Sequence[EmailSend]) -> Iterator[Frozen]:
    end = time.monotonic() + LONGEST_SECONDS
    for number, letter in enumerate(letters):
        if number < MOST_LETTERS:
            yield draft_letter(asked, letter["body"], seconds=end - time.monotonic())
        else:
            yield Frozen(text="", refusal=_TOO_MANY, model=asked.model)


def _freeze(run: WorkflowRun, letters: Sequence[EmailSend], texts: Sequence[Frozen], now: datetime) -> None:
    DraftedText.objects.bulk_create(
        DraftedText(
            run=run,
            purpose=LETTER,
            key=letter_key(letter["subject"], letter["body"]),
            text=text.text,
            refusal=text.refusal,
            model=text.model,
            created_at=now,
        )
        for letter, text in zip(letters, texts, strict=True)
    )
