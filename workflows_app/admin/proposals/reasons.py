"""The reasons that were lately given for rejecting proposals of one kind, to be chosen again."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import F, Func, IntegerField
from django.http import HttpRequest

from approvals.models import Decision, ProposedAction, Verdict
from workflows_app.admin.proposals.page import CardPage

_OFFERED: Final = 5
_LOOKED_AT: Final = 200
_LONGEST: Final = 200
# `approvals.models.PENDING_FIRST` without parameters, so that SQLite knows its index by it.
_IS_DECIDED = Func(
    F("status"), template="CASE WHEN %(expressions)s = 'pending' THEN 0 ELSE 1 END", output_field=IntegerField()
)


def recent_reasons(action_type: str) -> tuple[str, ...]:
    """Up to five, the newest first, of the 200 proposals of this kind that were proposed last and are not pending."""
    ended = ProposedAction.objects.filter(action_type=action_type).alias(ended=_IS_DECIDED).filter(ended=1)
    newest = ended.order_by("-proposed_at", "id").values("pk")[:_LOOKED_AT]
    rejections = Decision.objects.filter(proposal__in=newest, verdict=Verdict.REJECT).order_by("-seq")
    said = rejections.values_list("reason", flat=True)[:_LOOKED_AT]
    return tuple(dict.fromkeys(reason for reason in said if len(reason) <= _LONGEST))[:_OFFERED]


def given(request: HttpRequest) -> str:
    """The reason that was typed, or the recent one that was chosen: without JavaScript that is not copied by itself.

    A chosen one is for rejecting only; an approval needs none.
    """
    typed = request.POST.get("reason", "")
    if typed.strip() or request.POST.get("verdict") != Verdict.REJECT:
        return typed
    return request.POST.get("recent", "")


def card_context(page: CardPage, reason: str = "") -> Mapping[str, Any]:
    """What the card's templates need. `reason` was typed and is shown again."""
    reasons = recent_reasons(page.proposal.action_type) if page.can_reject else ()
    return {"page": page, "reasons": reasons, "typed_reason": reason}
