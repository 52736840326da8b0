"""The decision chain: every decision carries the hash of the one before it, so that a change to any of them shows."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError

from approvals.canonical import canonical, digest
from approvals.models import Decision, DecisionChain, ProposedAction, Verdict
from approvals.principals import Principal

START = "0" * 64
"""What the first decision follows."""


class ChainError(Exception):
    """The chain is not as it was left: a decision does not fit; `verify_decisions` says more."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What somebody said about a proposal. `digest_shown`: of what they saw; `edits`: canonical text."""

    proposal: ProposedAction
    user: AbstractBaseUser
    channel: str
    verdict: Verdict
    digest_shown: str
    decided_at: datetime
    reason: str = ""
    edits: str = "[]"


def append(said: Said) -> Decision:
    """Add a decision to the chain; in a transaction that is rolled back when this raises `ChainError`.

    1. Lock the head, so that two decisions never follow the same one (SQLite: the transaction is the lock).
    2. Insert the decision with its hash, over all its fields and the previous hash.
    3. Move the head, on condition that it is still where it was.
    """
    head = _locked_head()
    decision = _link(said, head)
    try:
        decision.save(force_insert=True)
    except IntegrityError as error:
        raise ChainError("There is a decision in that place already; run verify_decisions.") from error
    at_head = DecisionChain.objects.filter(pk=1, count=head.count, head=head.head)
    if not at_head.update(count=decision.seq, head=decision.hash):
        raise ChainError("The head of the decision chain moved while a decision was written.")
    return decision


def _locked_head() -> DecisionChain:
    head = DecisionChain.objects.select_for_update().filter(pk=1).first()
    if head is None:  # the very first decision
        DecisionChain.objects.get_or_create(pk=1)
        head = DecisionChain.objects.select_for_update().get(pk=1)
    return head


def fingerprint(decision: Decision) -> str:
    """The hash that `decision` must have: over the canonical text of every other field."""
    fields = {field.attname: getattr(decision, field.attname) for field in Decision._meta.concrete_fields}
    del fields["hash"]
    return digest(canonical(fields))


def _link(said: Said, head: DecisionChain) -> Decision:
    decision = Decision(
        seq=head.count + 1,
        proposal=said.proposal,
        user_id=said.user.pk,
        principal=str(Principal.person(said.user)),
        channel=said.channel,
        verdict=said.verdict.value,
        reason=said.reason,
        digest_shown=said.digest_shown,
        digest_decided=digest(said.proposal.effects),
        edits=said.edits,
        decided_at=said.decided_at,
        previous_hash=head.head,
    )
    decision.hash = fingerprint(decision)
    return decision
