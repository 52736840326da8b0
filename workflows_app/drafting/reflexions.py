"""A run's memory in a few sentences, beside what was recorded and never in its place."""

from typing import Final

from workflows_app.drafting.client import NoAnswerError, ask
from workflows_app.drafting.endpoint import Endpoint
from workflows_app.drafting.frozen import Frozen
from workflows_app.drafting.judgement import NonsenseError, judge_prose
from workflows_app.drafting.masks import mask_prose
from workflows_app.drafting.prompts import instructions

_MOST_TEXT: Final = 4_000
_LONGEST: Final = 1_000


def draft_reflexion(endpoint: Endpoint, narrative: str) -> Frozen:
    """What the model makes of a narrative (its beginning), or why there is nothing. Raises nothing."""
    try:
        return Frozen(text=_drafted(endpoint, narrative[:_MOST_TEXT]), refusal="", model=endpoint.model)
    except (NoAnswerError, NonsenseError) as reason:
        return Frozen(text="", refusal=str(reason), model=endpoint.model)


def _drafted(endpoint: Endpoint, narrative: str) -> str:
    if "[[" in narrative or "]]" in narrative:
        raise NonsenseError("the narrative has marks of its own, so it was not given to a model")
    masked = mask_prose(narrative)
    return judge_prose(ask(endpoint, instructions("reflexion"), f"NARRATIVE:\n\n{masked.text}"), masked, _LONGEST)
