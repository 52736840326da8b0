"""The outbox of letters: each is sent at most once, and only when it is word for word what was approved.

A letter goes `queued → sending → sent | failed | uncertain`, or back to `queued` when it certainly was not accepted.
The claim is committed before the server hears of the letter: a crash in between leaves `sending`, which becomes
`uncertain` after ten minutes and is never sent again by itself (QUALITY.md, trap 5). A letter that had to wait is asked
about again (`delivery/waiting.py`) before it is claimed, and fails when it is not right any more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet

from approvals.clock import database_now
from approvals.models import Outcome
from approvals.services import advance_outcome
from workflows_app.delivery import approved_letter, transport, waiting
from workflows_app.delivery.transport import MaybeSentError, NotSentError
from workflows_app.models import Alert, Hold, OutboundEmail, Quote
from workflows_app.models.ahead import ahead
from workflows_app.models.lock import hold_still

STALE_AFTER = timedelta(minutes=10)
# django-q2 ends a worker after five minutes, and the letter that it has in hand would be uncertain.
_PASS_SECONDS = 60.0
_LONGEST_REASON = 300

_HELD = Hold.objects.filter(pk=1, on=True)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What one pass did. `queued`: tried, certainly not accepted, waiting again."""

    sent: int = 0
    queued: int = 0
    failed: int = 0
    uncertain: int = 0


def deliver_emails(
    limit: int = 200, *, seconds: float = _PASS_SECONDS, clock: Callable[[], float] = time.monotonic
) -> Counts:
    """Try each waiting letter once, at most `limit`, for about so many seconds; stop when all is held or no server
    answers. What was never tried comes first, oldest first; then what a server has put off, the longest ago first.
    """
    counts = dict.fromkeys(("sent", "queued", "failed"), 0)
    counts["uncertain"] = give_up_on_stale()
    fresh_since = waiting.fresh_since()
    end = clock() + seconds
    turn = (F("claimed_at").asc(nulls_first=True), "created_at", "id")
    queued = OutboundEmail.objects.filter(status="queued").order_by(*turn)
    for email_id, created_at in list(queued.values_list("pk", "created_at")[:limit]):
        status, goes_on = _deliver(email_id, waited=created_at < fresh_since)
        if status:
            counts[status] += 1
        if not goes_on or clock() > end:
            break
    return Counts(**counts)


def send_next() -> bool:
    """Try the next waiting letter; False when there is none, or everything is held."""
    counts = deliver_emails(limit=1)
    return bool(counts.sent or counts.queued or counts.failed or counts.uncertain)


def on_hold() -> bool:
    """Whether the switch that stops every delivery is on."""
    return _HELD.exists()


def give_up_on_stale() -> int:
    """Mark letters whose sender died in between as uncertain; how many."""
    now = database_now()
    long_ago = Q(claimed_at__lt=now - STALE_AFTER) | ahead("claimed_at", now)
    stale = OutboundEmail.objects.filter(long_ago, status="sending")
    reason = "the sender stopped while the letter was on its way"
    return sum(_uncertain(email, reason) for email in stale.order_by("claimed_at").select_related("proposed_action"))


def settle(email_id: str, *, arrived: bool) -> bool:
    """A person found out what became of an uncertain letter; False when it is not uncertain any more."""
    email = OutboundEmail.objects.get(pk=email_id)
    if arrived:
        return _sent(email, before="uncertain")
    return _settled(email, "failed", "it did not arrive; draft it again", before="uncertain")


def may_go_again(email: OutboundEmail) -> bool:
    """Whether it is known or feared that a letter did not arrive: only then a person sends it once more."""
    return email.status in ("uncertain", "failed") or (email.status == "sent" and email.bounced_at is not None)


@transaction.atomic
def replace(email_id: str) -> bool:
    """A second copy leaves instead of a letter: what was uncertain has failed now, and its alert is over.

    False when the letter is not, or not any more, one that `may_go_again`.
    """
    email = OutboundEmail.objects.select_for_update().get(pk=email_id)
    if not may_go_again(email):
        return False
    if email.status == "uncertain":
        OutboundEmail.objects.filter(pk=email_id).update(status="failed", error="It did not arrive; it was sent again.")
    Alert.objects.keyed(_alert_key(email)).resolve(database_now())
    return True


def bounced(message_id: str, said: str = "") -> bool:
    """A mail server gave a letter back: mark it and raise an alert. `said`: its reason, as it wrote it.

    Whoever knows a Message-ID can claim this, so nothing follows but that a person looks: the status stays. False for
    no letter of ours, for one that never left, and for one that came back before.
    """
    left = OutboundEmail.objects.filter(message_id=message_id, status__in=["sent", "uncertain"], bounced_at=None)
    email = left.select_related("proposed_action").first()
    now = database_now()
    with transaction.atomic():
        reason = " ".join(said.split())[:_LONGEST_REASON] or "the mail server gave no reason"
        if email is None or not left.filter(pk=email.pk).update(bounced_at=now, error=f"It came back: {reason}"):
            return False
        _alert(email, "bounced", f"came back: {reason}")
    return True


def _deliver(email_id: str, *, waited: bool) -> tuple[str, bool]:
    """The new status of one letter (empty when another sender took it), and whether to go on with the next."""
    status = _claim(email_id, waited=waited)
    if status != "sending":
        return status, not on_hold()
    email = OutboundEmail.objects.select_related("proposed_action").get(pk=email_id)
    try:
        transport.hand_over(_approved_message(email))
    except NotSentError as error:
        return _not_sent(email, error), not error.for_all
    except MaybeSentError as error:
        _uncertain(email, str(error))
        return "uncertain", True
    _sent(email)
    return "sent", True


def _claim(email_id: str, *, waited: bool) -> str:
    """`sending`: the letter is ours, committed before anything leaves; not while everything is held.

    `failed`: it waited, and what was right when it was approved is not any more. Empty: another sender took it.
    """
    with transaction.atomic(durable=True):
        queued = OutboundEmail.objects.filter(~Exists(_HELD), pk=email_id, status="queued")
        if waited and _outdated(queued):
            return "failed"
        return "sending" if queued.update(status="sending", claimed_at=database_now()) else ""


def _outdated(queued: QuerySet[OutboundEmail]) -> bool:
    """Ask about the letter again, if it still waits, under the shared lock; whether it may not leave any more."""
    hold_still()
    email = queued.select_related("proposed_action").first()
    reason = email and waiting.objection(email.proposed_action)
    return bool(email and reason and _settled(email, "failed", f"it was not sent: {reason}", before="queued"))


def _approved_message(email: OutboundEmail) -> EmailMessage:
    """The message, when it is the approved one; nothing has left until it is returned."""
    try:
        reason = approved_letter.refusal(email)
        if reason:
            raise NotSentError(f"the letter was not sent: {reason}", permanent=True)
        return transport.build(email)
    except NotSentError:
        raise
    except (ValueError, TypeError, LookupError) as error:  # a damaged row: it will not get better
        raise NotSentError(f"the letter cannot be read: {error}", permanent=True) from error
    except BaseException:
        # the store or the database is away: nothing left, so the letter waits again.
        OutboundEmail.objects.filter(pk=email.pk, status="sending").update(status="queued")
        raise


@transaction.atomic
def _sent(email: OutboundEmail, before: str = "sending") -> bool:
    """Record that the server accepted the letter, with all that follows from it."""
    claimed = OutboundEmail.objects.filter(pk=email.pk, status__in={before, "uncertain"})
    now = database_now()
    if not claimed.update(status="sent", sent_at=now, error=""):
        return False
    Alert.objects.keyed(_alert_key(email)).resolve(now)
    _advance(email)
    _quote_sent(email)
    return True


def _advance(email: OutboundEmail) -> None:
    """A proposal is `sent` when all its letters are, or second copies of them; so is that of what this one replaces."""
    letters = OutboundEmail.objects.filter(proposed_action=email.proposed_action_id).exclude(status="sent")
    if all(_sent_instead(letter) for letter in letters):
        advance_outcome(email.proposed_action_id, Outcome.SENT)
    if email.replaces is not None:
        Alert.objects.keyed(_alert_key(email.replaces)).resolve(database_now())
        _advance(email.replaces)


def _sent_instead(email: OutboundEmail) -> bool:
    copy = OutboundEmail.objects.filter(replaces=email.pk).first()
    return copy is not None and (copy.status == "sent" or _sent_instead(copy))


def _quote_sent(email: OutboundEmail) -> None:
    """The quote is sent with the letter of the revision that it has now, not with an earlier one."""
    if email.related_quote_id is None or email.related_quote_revision is None:
        return
    current = Quote.objects.filter(pk=email.related_quote_id, revision=email.related_quote_revision)
    current.filter(lifecycle_status__in=["draft", "proposed"]).update(lifecycle_status="sent")


def _not_sent(email: OutboundEmail, error: NotSentError) -> str:
    status = "failed" if error.permanent else "queued"
    _settled(email, status, str(error))
    return status


def _uncertain(email: OutboundEmail, reason: str) -> bool:
    with transaction.atomic():
        settled = _settled(email, "uncertain", f"It is not known whether it arrived: {reason}")
        if settled:
            advance_outcome(email.proposed_action_id, Outcome.UNCERTAIN)
    return settled


@transaction.atomic
def _settled(email: OutboundEmail, status: str, reason: str, before: str = "sending") -> bool:
    """Leave `before` for `status` with an alert; False when somebody else did."""
    if not OutboundEmail.objects.filter(pk=email.pk, status=before).update(status=status, error=reason):
        return False
    _alert(email, status, f"is {status}: {reason}")
    return True


def _alert(email: OutboundEmail, status: str, what: str) -> None:
    Alert.objects.raise_alert(
        _alert_key(email),
        kind=f"email_{status}",
        message=f"The letter to {email.to} “{email.subject[:100]}” {what}",
        now=database_now(),
        run_id=email.proposed_action.run_id,
    )


def _alert_key(email: OutboundEmail) -> str:
    return f"email:{email.pk}"
