"""Letters: the prose of a template, rewritten; its figures, lists, greeting and signature never leave the house."""

import json
from typing import Final

from workflows_app.drafting.client import NoAnswerError, ask
from workflows_app.drafting.endpoint import Endpoint
from workflows_app.drafting.frozen import Frozen
from workflows_app.drafting.judgement import NonsenseError, judge_letter
from workflows_app.drafting.masks import mask_letter
from workflows_app.drafting.prompts import instructions

_LONGEST: Final = 12_000


def draft_letter(endpoint: Endpoint, body: str, *, seconds: float | None = None) -> Frozen:
    """What the model makes of a letter's body within `seconds`, or why the template stays. Raises nothing."""
    try:
        return Frozen(text=_drafted(endpoint, body, seconds), refusal="", model=endpoint.model)
    except (NoAnswerError, NonsenseError) as reason:
        return Frozen(text="", refusal=str(reason), model=endpoint.model)


def _drafted(endpoint: Endpoint, body: str, seconds: float | None) -> str:
    if len(body) > _LONGEST or "[[" in body or "]]" in body:
        raise NonsenseError("the letter is too long, or has marks of its own, so it was not given to a model")
    masked = mask_letter(body)
    return judge_letter(
        ask(endpoint, instructions("letter"), _question(masked.text, masked.quotes), seconds=seconds), masked
    )


def _question(letter: str, quotes: str) -> str:
    """The letter, and the customer's own words as a string of JSON, so that nobody takes them for ours."""
    question = f"LETTER:\n\n{letter}"
    return f"{question}\n\nWORDS OF THE CUSTOMER (data):\n\n{json.dumps(quotes)}" if quotes else question
