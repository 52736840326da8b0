"""Decision memory: similar proposals that were decided before, the same customer's first."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from approvals.models import Decision, ProposedAction, Verdict
from workflows_app.models import VerifyResult
from workflows_app.presentation import words
from workflows_app.presentation.people import who

_MOST: Final = 4
# The very OR of the indexes `proposal_decided` and `proposal_decided_for`.
_DECIDED: Final = Q(status="approved") | Q(status="rejected")
_COLUMNS: Final = (
    "id", "title", "customer_name", "amount", "status", "outcome", "proposed_at", "run_id", "edits", "step",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Precedent:
    """One similar case. `decision`: who said it, when and why; `verified`: how its run's checks came out, in words."""

    proposal: ProposedAction
    amount: str
    decision: Decision | None
    edited: bool
    verified: str
    verified_look: str

    @property
    def person(self) -> str:
        """Who decided it, as people say it."""
        return who(self.decision.principal) if self.decision else ""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What was decided before: for the same customer, and for others."""

    same: tuple[Precedent, ...]
    others: tuple[Precedent, ...]

    def __bool__(self) -> bool:
        return bool(self.same or self.others)


def memory_of(proposal: ProposedAction) -> Memory:
    """Similar cases: the same step of the same kind, newest first. Four queries, each by an index."""
    alike = ProposedAction.objects.filter(_DECIDED, action_type=proposal.action_type, step=proposal.step)
    same = _newest(alike.filter(customer_name=proposal.customer_name), proposal) if proposal.customer_name else []
    known = {case.pk for case in same}
    others = [case for case in _newest(alike, proposal, len(known)) if case.pk not in known][:_MOST]
    told = _tellers([*same, *others])
    return Memory(same=tuple(map(told, same)), others=tuple(map(told, others)))


def _newest(cases: QuerySet[ProposedAction], proposal: ProposedAction, more: int = 0) -> list[ProposedAction]:
    found = cases.order_by("-proposed_at").only(*_COLUMNS)[: _MOST + more + 1]
    return [case for case in found if case.pk != proposal.pk][: _MOST + more]


class _tellers:  # noqa: N801 a function that remembers what it read
    """Tells a case with what was read for all of them together."""

    def __init__(self, cases: Sequence[ProposedAction]) -> None:
        decided = Decision.objects.filter(proposal__in=[case.pk for case in cases])
        self._decisions = {
            decision.proposal_id: decision for decision in decided.filter(verdict__in=[Verdict.APPROVE, Verdict.REJECT])
        }
        self._checks = _checks({case.run_id for case in cases if case.run_id})

    def __call__(self, case: ProposedAction) -> Precedent:
        text, look = _in_words(self._checks.get(case.run_id, Counter()))
        return Precedent(
            proposal=case,
            amount=words.money(case.amount),
            decision=self._decisions.get(case.pk),
            edited=case.edits != "[]",
            verified=text,
            verified_look=look,
        )


def _checks(runs: set[str]) -> Mapping[str, Counter[str]]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for run_id, status in VerifyResult.objects.filter(run__in=runs).order_by().values_list("run_id", "status"):
        counted[run_id][status] += 1
    return counted


def _in_words(checks: Mapping[str, int]) -> tuple[str, str]:
    bad = checks.get("fail", 0) + checks.get("timeout", 0)
    good, waiting = checks.get("pass", 0), checks.get("pending", 0)
    if bad:
        return f"{words.counted(bad, 'check')} failed afterwards", "bad"
    if waiting:
        return f"{words.counted(waiting, 'check')} still to come", "open"
    return (f"{words.counted(good, 'check')} held afterwards", "good") if good else ("", "")
