"""A second opinion on a message that waits: asked for by a button, shown beside the choice, and nothing else."""

from dataclasses import dataclass

from django.conf import settings

from workflows_app.admin.mail_in.page import TITLES
from workflows_app.drafting.endpoint import endpoint
from workflows_app.drafting.triage import suggest_class
from workflows_app.models import InboundEmail
from workflows_app.models.mirror.mail import WAITING


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a language model takes a message for, and by which words; `title` is empty when it had nothing to say."""

    title: str = ""
    words: tuple[str, ...] = ()
    model: str = ""


def can_be_asked(row: InboundEmail) -> bool:
    """Whether the message waits, and the environment lets a model see mail."""
    return row.triage == WAITING and bool(settings.DRAFTING["TRIAGE"]) and endpoint() is not None


def opinion(row: InboundEmail) -> Opinion:
    """Ask. Changes nothing; call it outside any transaction."""
    found = suggest_class(f"{row.subject}\n\n{row.text}")
    if found is None:
        return Opinion()
    return Opinion(title=TITLES[found.classification], words=found.words, model=found.model)
