"""What a person said of earlier mail of the same sender."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from approvals.canonical import canonical, parse
from workflows_app.inbox.triage import Verdict
from workflows_app.models import TriageCorrection

_SURE: Final = Decimal("0.900")
_MOST: Final = 20


@dataclass(frozen=True, kw_only=True)
class Precedent:
    """A correction: of which message, what it is about, and whose it is. `classification` is empty for other words."""

    email_uuid: str
    classification: str
    customer_id: str | None

    def applied(self, verdict: Verdict) -> Verdict:
        """What the correction makes of a verdict by the same words."""
        if not self.classification:
            return verdict
        return Verdict(classification=self.classification, confidence=_SURE, words=verdict.words)


def precedent(sender: str, words: Sequence[str]) -> Precedent | None:
    """The newest correction of this sender's mail, its class only for one with the same deciding words."""
    if not sender:
        return None
    rows = list(TriageCorrection.objects.filter(sender=sender).order_by("-corrected_at", "-pk")[:_MOST])
    if not rows:
        return None
    same = next((row for row in rows if words and row.words == fingerprint(words)), None)
    row = same or rows[0]
    said = parse(row.after)
    return Precedent(
        email_uuid=row.email_id,
        classification=said["classification"] if same else "",
        customer_id=said["customer_id"],
    )


def fingerprint(words: Sequence[str]) -> str:
    """The deciding words as they are compared: without capitals and order."""
    return canonical(sorted({word.lower() for word in words}))
