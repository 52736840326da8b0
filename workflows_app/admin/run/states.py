"""How a run lights up the picture of its contract: a state, a note and a link for each box."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from approvals.canonical import parse
from workflows_app.admin.picture import State, anchor
from workflows_app.admin.run.story import Story
from workflows_app.contracts.schema import Contract
from workflows_app.models import VerifyResult, WorkflowStep
from workflows_app.presentation import moments
from workflows_app.presentation.people import who


@dataclass(frozen=True, kw_only=True)
class Lights:
    """What the picture is given, by the keys of its boxes."""

    states: Mapping[str, State]
    notes: Mapping[str, str]
    links: Mapping[str, str]


Lit = tuple[State, str]
"""A state, and a small line about it; empty for none."""


def light(story: Story, contract: Contract) -> Lights:
    """The lights of a run: what is done, under way, waiting, failed, skipped or not reached."""
    lit = dict(_all(story, contract))
    return Lights(
        states={key: state for key, (state, _) in lit.items()},
        notes={key: note for key, (_, note) in lit.items() if note},
        links={key: f"#{_PLACES.get(key.partition(':')[0], anchor(key))}" for key in lit},
    )


_PLACES: Final = {"trigger": "facts", "check": "checks", "gate": "decisions", "post": "memory", "verify": "verify"}


def _all(story: Story, contract: Contract) -> Iterator[tuple[str, Lit]]:
    yield "trigger", (State.DONE, "")
    read = _reading(story)
    for entry in contract.context:
        yield f"context:{entry.name}", (read, "")
    found = {check["check"]: check for check in parse(story.run.checks)}
    for check in contract.preconditions:
        yield f"check:{check.check}", (_check(found.get(check.check), _not_yet(story)), "")
    yield "gate", _gate(story, contract)
    for step in contract.fan_out:
        yield f"step:{step.name}", _step(story, [record for record in story.steps if record.step == step.name])
    yield from _post(story, contract)
    results = {result.name: result for result in story.verify}
    for later in contract.verify:
        yield f"verify:{later.name}", _verify(story, results.get(later.name))


def _not_yet(story: Story) -> State:
    """What comes later, or never when the run has ended."""
    return State.NOT_REACHED if story.ended else State.PENDING


def _reading(story: Story) -> State:
    run = story.run
    if run.context != "{}" or run.checks != "[]" or run.plan != "[]":
        return State.DONE
    if run.status == "failed":
        return State.FAILED
    return State.RUNNING if run.lease_owner and not story.ended else _not_yet(story)


def _check(found: Mapping[str, object] | None, otherwise: State) -> State:
    if found is None:
        return otherwise
    if found["passed"] is True:
        return State.DONE
    return State.WARNING if found["severity"] == "warn" else State.FAILED


_GATES: Final = {
    "pending": (State.WAITING, "waits for a decision"),
    "approved": (State.DONE, "approved"),
    "rejected": (State.FAILED, "rejected"),
    "expired": (State.FAILED, "nobody decided in time"),
    "closed": (State.NOT_REACHED, "closed"),
}


def _gate(story: Story, contract: Contract) -> Lit:
    if not contract.gated:
        return State.SKIPPED, ""
    gate = story.gate
    if gate is None:
        return _not_yet(story), ""
    state, note = _GATES.get(gate.status, (State.PENDING, ""))
    decision = story.decided.get(gate.pk)
    return state, f"{note} by {who(decision.principal)}" if decision else note


# The first of these that any item has is the state of the whole step.
_WORST: Final = (
    ("failed", State.FAILED),
    ("running", State.RUNNING),
    ("retrying", State.RETRYING),
    ("pending", State.PENDING),
    ("done", State.DONE),
    ("not_reached", State.NOT_REACHED),
    ("skipped", State.SKIPPED),
    ("dropped", State.SKIPPED),
)


def _step(story: Story, records: Sequence[WorkflowStep]) -> Lit:
    if story.run.status == "held" and not records:
        return State.WAITING, "on hold"
    if not records:
        nothing_to_do = story.run.status in ("completed", "partial")
        return (State.SKIPPED, "nothing to do") if nothing_to_do else (_not_yet(story), "")
    counts = Counter(record.status for record in records)
    state = next(state for status, state in _WORST if counts[status])
    note = f"{counts['done']} of {len(records)} done" if len(records) > 1 else ""
    if story.run.status == "held" and state in (State.PENDING, State.RETRYING):
        return State.WAITING, note or "on hold"
    return state, note


def _post(story: Story, contract: Contract) -> Iterator[tuple[str, Lit]]:
    later = State.PENDING
    yield "post:log_run", (State.DONE if story.log else later, "")
    if contract.reflexion.enabled:
        never = State.SKIPPED if story.ended else later
        yield "post:reflexion", (State.DONE if story.reflexion else never, "")
    ended = any(event.idempotency_key == f"run:{story.run.pk}:end" for event in story.events)
    yield "post:event", (State.DONE if ended else later, "")
    for action in contract.post_actions:
        if action.id not in ("log_run", "reflexion", "event"):
            yield f"post:{action.id}", (State.DONE if story.ended else later, "")


_RESULTS: Final = {
    "pass": State.DONE,
    "fail": State.FAILED,
    "timeout": State.FAILED,
    "not_applicable": State.SKIPPED,
    "pending": State.WAITING,
}


def _verify(story: Story, result: VerifyResult | None) -> Lit:
    if result is None:
        return _not_yet(story), ""
    waits = result.status == "pending" and result.due_at is not None and result.due_at > story.now
    note = f"due {moments.said(result.due_at)}" if waits and result.due_at else ""
    return _RESULTS[result.status], note
