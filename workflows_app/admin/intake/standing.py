"""How a submission stands, in plain words for whoever handed it in. Pure: rows in, sentences out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from approvals.canonical import parse
from approvals.models import Decision, ProposedAction
from workflows_app.models import PendingPush, WorkflowRun
from workflows_app.presentation import words

_THERE: Final = "There is already a customer with this name or this email address."
_CHECKS: Final = {
    "no_duplicate": _THERE,
    "no_duplicate_in_disguise": _THERE,
    "valid_email": "The email address does not look like one.",
    "similar_name": "There is a customer with a similar name; whoever decides looks at both.",
    "terms_known": "These payment terms are not known here; the usual ones are used.",
    "sales_rep_known": "This sales representative is not known here; none is entered.",
    "pricing_tier_known": "This price tier is not known here; the usual one is used.",
}
_PUSHES: Final = {
    "pending": "NetSuite does not have it yet; it is sent within minutes.",
    "in_flight": "It is being sent to NetSuite.",
    "retrying": "NetSuite did not take it yet; it is tried again by itself.",
    "outcome_unknown": "NetSuite did not say whether it took it; that is being found out.",
    "conflict": "The record was changed in NetSuite meanwhile; the office looks at it.",
    "dead": "NetSuite refused it; the office has to look at it.",
}
_LETTERS: Final = {
    "pending": "waits for a decision.",
    "rejected": "was rejected, and is not sent.",
    "expired": "was not decided in time, and is not sent.",
    "closed": "is not sent: things changed meanwhile.",
}
# The headline of each status, how it looks, and whether it is over.
_HEADLINES: Final = {
    "queued": ("Being prepared", "", False),
    "running": ("Approved, being entered", "", False),
    "retrying": ("Approved, being entered", "warn", False),
    "held": ("Approved, but everything is on hold at the moment", "warn", False),
    "awaiting_approval": ("Waiting for a decision", "warn", False),
    "blocked": ("Cannot be done", "bad", True),
    "rejected": ("Rejected", "bad", True),
    "expired": ("Nobody decided in time", "bad", True),
    "cancelled": ("Cancelled", "bad", True),
    "failed": ("Something went wrong", "bad", True),
    "partial": ("Entered, but not everything went well", "warn", True),
    "completed": ("Done", "good", True),
}
_NEXT: Final = {
    "queued": "It has been taken; the next look at this page says more.",
    "awaiting_approval": "Nothing is entered before somebody has looked at it and approved it.",
    "held": "It goes on by itself when the hold is lifted.",
    "expired": "Nothing was entered. Hand it in again.",
    "failed": "Nothing more happens by itself; the office has been told.",
}


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What is known about one run besides itself. `letters`: drafts that it staged; `told`: decisions on its gate."""

    pushes: Sequence[PendingPush] = ()
    letters: Sequence[ProposedAction] = ()
    told: Sequence[Decision] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands. `sentences`: reasons and what comes next; `missing`: what is still to come, or was left out.

    `again`: nothing was entered, so that it can be handed in again. `settled`: nothing changes by itself any more.
    """

    headline: str
    look: str
    sentences: tuple[str, ...]
    missing: tuple[str, ...]
    again: bool
    settled: bool


def standing(run: WorkflowRun, rows: Rows) -> Standing:
    """The plain words for a run."""
    headline, look, over = _HEADLINES[run.status]
    missing = tuple(dict.fromkeys(_missing(run, rows)))
    if run.status == "completed" and rows.pushes:
        created = all(push.status == "applied" for push in rows.pushes)
        headline, look = ("Created in NetSuite", "good") if created else ("Approved, not in NetSuite yet", "warn")
    return Standing(
        headline=headline,
        look=look,
        sentences=tuple(dict.fromkeys(filter(None, _sentences(run, rows)))),
        missing=missing,
        again=run.status in ("blocked", "rejected", "expired", "cancelled"),
        settled=over and not any(_is_moving(push) for push in rows.pushes),
    )


def _is_moving(push: PendingPush) -> bool:
    return push.status not in ("applied", "conflict", "dead")


def _sentences(run: WorkflowRun, rows: Rows) -> Iterator[str]:
    """Why it stands so."""
    yield _NEXT.get(run.status, "")
    if run.status == "blocked":
        yield from (_said(check) for check in _failed(run, "block"))
    for decision in rows.told:
        if decision.verdict == "reject":
            yield f"{_person(decision.principal)} wrote: {decision.reason}"
    if run.status == "cancelled":
        yield run.error
    yield from (f"NetSuite calls it {push.ns_id}." for push in rows.pushes if push.status == "applied" and push.ns_id)


def _missing(run: WorkflowRun, rows: Rows) -> Iterator[str]:
    """What whoever handed it in may want to know or to bring."""
    if run.status not in ("blocked", "rejected", "expired", "cancelled"):
        yield from (_said(check) for check in _failed(run, "warn"))
    yield from (_PUSHES[push.status] for push in rows.pushes if push.status in _PUSHES)
    for letter in rows.letters:
        if letter.status in _LETTERS:
            yield f"The letter “{letter.title}” {_LETTERS[letter.status]}"
    if run.status == "partial":
        yield "A part of it failed; the office has been told."


def _failed(run: WorkflowRun, severity: str) -> list[dict[str, Any]]:
    return [check for check in parse(run.checks) if not check["passed"] and check["severity"] == severity]


def _said(check: dict[str, Any]) -> str:
    return _CHECKS.get(check["check"]) or f"{words.sentence(check['check'])}: {check['detail'] or check['rule']}"


def _person(principal: str) -> str:
    name = principal.partition(":")[2] or principal
    return name[:1].upper() + name[1:]
