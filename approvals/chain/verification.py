"""Verify the decision chain: find what was changed, removed, inserted or reordered behind the services' back.

Whoever can rewrite every row, the head and the proposals can forge a chain that fits together; compare the head with
one noted elsewhere (`verify_decisions` prints it) to find that out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from approvals.canonical import digest
from approvals.chain.links import START, fingerprint
from approvals.models import Decision, DecisionChain, Outcome, ProposalStatus, ProposedAction, Verdict

_BATCH = 500
_APPROVED = {ProposalStatus.APPROVED, ProposalStatus.SUPERSEDED, ProposalStatus.CLOSED}  # the last two: never applied
_STATUS_AFTER: dict[str, set[ProposalStatus]] = {
    Verdict.APPROVE: _APPROVED,
    Verdict.REJECT: {ProposalStatus.REJECTED},
    Verdict.EDIT: {ProposalStatus.SUPERSEDED},
}


def verify() -> list[str]:
    """Every problem as a sentence; empty when nothing was touched. Memory stays bounded, decisions may go on."""
    walk = _Walk()
    try:
        walk.finish(_follow(walk))
    except ValueError as error:  # SQLite keeps whatever was written into a column; a moment may not be one
        walk.problems.append(f"After decision {walk.last}: a row cannot be read ({error}).")
    return [*walk.problems, *_without_decision()]


@dataclass
class _Walk:
    """Where the walk along the chain has come to."""

    last: int = 0
    previous: str = START
    problems: list[str] = field(default_factory=list)

    def visit(self, decision: Decision) -> None:
        """Check one decision against the one before it, itself and its proposal."""
        if decision.seq != self.last + 1:
            self.problems.append(f"Decision {self.last + 1} is missing; decision {decision.seq} comes next.")
        if decision.previous_hash != self.previous:
            self.problems.append(f"Decision {decision.seq} does not follow the one before it.")
        self.problems += _own_problems(decision)
        self.last, self.previous = decision.seq, decision.hash

    def finish(self, head: DecisionChain | None) -> None:
        """Check the end of the chain. The head was read after the last row, so it is never behind it."""
        count, last_hash = (head.count, head.head) if head else (0, START)
        if count > self.last:
            self.problems.append(f"{count} decisions were written; those after {self.last} are missing.")
        elif count < self.last:
            self.problems.append(f"{count} decisions were written; those after it were inserted.")
        elif last_hash != self.previous:
            self.problems.append("The last decision is not the one that the head of the chain names.")


def _follow(walk: _Walk) -> DecisionChain | None:
    """Visit every decision, also those that are appended meanwhile; the head, read after the last of them."""
    after = -1
    while True:
        for decision in _decisions(after):
            walk.visit(decision)
        head = DecisionChain.objects.filter(pk=1).first()
        if head is None or head.count <= walk.last or not Decision.objects.filter(seq__gt=walk.last).exists():
            return head
        after = walk.last


def _decisions(after: int) -> Iterator[Decision]:
    """In order, in batches, without the texts that the chain says nothing about."""
    columns = [field.name for field in Decision._meta.concrete_fields]
    reviewed = ["proposal__status", "proposal__digest", "proposal__effects"]
    rows = Decision.objects.select_related("proposal").only(*columns, *reviewed).order_by("seq")
    while batch := list(rows.filter(seq__gt=after)[:_BATCH]):
        yield from batch
        after = batch[-1].seq


def _own_problems(decision: Decision) -> Iterator[str]:
    if fingerprint(decision) != decision.hash:
        yield f"Decision {decision.seq} was changed."
    proposal = decision.proposal
    if not digest(proposal.effects) == proposal.digest == decision.digest_decided:
        yield f"Proposal {proposal.pk} was changed after decision {decision.seq}."
    if proposal.status not in _STATUS_AFTER.get(decision.verdict, set()):
        yield f"Decision {decision.seq} says {decision.verdict}, but proposal {proposal.pk} is {proposal.status}."


def _without_decision() -> Iterator[str]:
    """Proposals that count as decided though nobody decided them."""
    decided = Decision.objects.filter(proposal=OuterRef("pk"))
    approved = Q(status=ProposalStatus.APPROVED) | ~Q(outcome=Outcome.PROPOSED)
    rejected = Q(status=ProposalStatus.REJECTED)
    for proposals, verdict in ((approved, Verdict.APPROVE), (rejected, Verdict.REJECT)):
        orphans = ProposedAction.objects.filter(proposals, ~Exists(decided.filter(verdict=verdict)))
        for pk, status in orphans.order_by("pk").values_list("pk", "status").iterator():
            yield f"Proposal {pk} is {status}, but no decision says {verdict.value}."
