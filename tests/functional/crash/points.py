"""The crash points, by the stage of a run's way. A point is a real function and a moment beside it.

Of one stage a run meets one point per wave (`waves`): so no run loses more than two workers in a row, three of which
would end it, as they must.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest
from typing import Any


class Moment(Enum):
    """When a process dies: before the call, after it (what it wrote is not committed), or after the commit."""

    BEFORE = "before"
    AFTER = "after"
    COMMITTED = "committed"


@dataclass(frozen=True, kw_only=True)
class Point:
    """`target` is `module:name`, as its caller looks it up. `subject`: what the call is about, from its arguments.

    `won`: of the calls that came back, those that did something; the others are no place to die. `rare`: what people
    and passes do beside the way of every run, so that fewer die there.
    """

    name: str
    stage: str
    target: str
    moment: Moment
    subject: Callable[..., str]
    won: Callable[[Any], bool] = lambda result: True
    rare: bool = False

    def kills(self, most: int) -> int:
        """How many of `most` kills it gets."""
        return max(1, most // 5) if self.rare else most


def _first(one: Any, *others: Any, **named: Any) -> str:
    """An id, or the key of a row."""
    return str(getattr(one, "pk", one))


def _cause(contract: Any, inputs: Any, cause: Any, now: Any, **_named: Any) -> str:
    return str(cause.key)


def _rerun(contract: Any, inputs: Any, cause: Any, *others: Any, **named: Any) -> str:
    return str(cause.key) if cause.kind == "rerun" else ""


def _each_time(now: Any) -> str:
    """A pass over whatever there is."""
    return uuid.uuid4().hex


def _given_up(email: Any, status: str, *others: Any, **named: Any) -> str:
    return str(email.pk) if status == "uncertain" else ""


def _woken(run: Any, status: str, *, reason: str = "", **facts: Any) -> str:
    return str(run.pk) if reason == "the hold was lifted" else ""


def _expired(hooks: Any, proposal: Any) -> str:
    return str(proposal.pk)


def _context(effects: Any, context: Any) -> str:
    return str(context.run_id)


def _new_gate(new: Any) -> str:
    return f"{new.run_id}/{new.step}"


def _of_run(one: Any, *others: Any) -> str:
    """An object that belongs to a run: a fan-out."""
    return str(one.run.pk)


def _request(request: Any) -> str:
    return str(request["body"]["number"])


def _document(document: Any) -> str:
    return str(document.number)


def _message(message: Any) -> str:
    return str(message.extra_headers["Message-ID"])


def _claimed(claim: Any, **facts: Any) -> str:
    return str(claim.push.pk)


def _external_id(netsuite: Any, record_type: Any, external_id: str, *others: Any, **named: Any) -> str:
    return external_id


def _mirrored(record_type: str, external_id: str, **facts: Any) -> str:
    return external_id


def _written(connection: Any, request: Any) -> str:
    """A request that changes something; reading is no place to lose anything."""
    return request.url.target.decode() if request.method == b"PUT" else ""


def _point(
    stage: str, name: str, moment: Moment, target: str, subject: Callable[..., str] = _first, **more: Any
) -> Point:
    return Point(name=name, stage=stage, target=target, moment=moment, subject=subject, **more)


def _rare(*facts: Any, **more: Any) -> Point:
    return _point(*facts, rare=True, **more)


_BEFORE, _AFTER, _COMMITTED = Moment.BEFORE, Moment.AFTER, Moment.COMMITTED
_APP, _HTTP = "workflows_app", "httpcore._sync.http11"

_ALL = [
    _point("start", "run-created", _AFTER, f"{_APP}.triggers.manual:create_run", _cause),
    _point("start", "context-read-and-planned", _AFTER, f"{_APP}.runner.advance:read"),
    _point("gate", "before-the-gate-is-staged", _BEFORE, "approvals.services:stage", _new_gate),
    _point("gate", "gate-staged", _AFTER, "approvals.services:stage", _new_gate),
    _point("gate", "gate-committed", _COMMITTED, "approvals.services:stage", _new_gate),
    _point("decision", "decision-taken", _AFTER, "approvals.services.decide:take"),
    _point("decision", "decision-committed", _COMMITTED, "approvals.services.decide:take"),
    _point("fan-out", "run-claimed", _COMMITTED, f"{_APP}.runner.claim:claim", won=bool),
    _point("fan-out", "plan-checked-again", _AFTER, f"{_APP}.runner.recheck:recheck"),
    _point("fan-out", "before-the-first-effect", _BEFORE, f"{_APP}.runner.fan_out:apply_effects", _context),
    _point("fan-out", "between-two-items", _AFTER, f"{_APP}.runner.fan_out:apply_effects", _context),
    _point("fan-out", "before-the-end-is-written", _BEFORE, f"{_APP}.runner.post:conclude"),
    _point("fan-out", "end-written", _AFTER, f"{_APP}.runner.post:conclude"),
    _point("fan-out", "end-committed", _COMMITTED, f"{_APP}.runner.post:conclude"),
    _point("call", "attempt-committed", _BEFORE, f"{_APP}.runner.call:make", _request),
    _point("call", "in-the-call", _AFTER, f"{_APP}.api.quote_pdf:render_pdf", _document),
    _point("call", "call-made", _AFTER, f"{_APP}.runner.call:make", _request),
    _point("call", "outcome-recorded", _AFTER, f"{_APP}.runner.fan_out:FanOut.absorb", _of_run),
    _point("event", "event-marked", _BEFORE, f"{_APP}.triggers.events:create_run", _cause),
    _point("event", "run-of-event-created", _AFTER, f"{_APP}.triggers.events:create_run", _cause),
    _point("event", "event-dispatched", _COMMITTED, f"{_APP}.triggers.events:_dispatch", won=bool),
    _point("leaf", "leaf-applied", _AFTER, f"{_APP}.runner.leaf:apply_leaf"),
    _point("letter", "letter-claimed", _COMMITTED, f"{_APP}.delivery.email:_claim", won="sending".__eq__),
    _point("letter", "letter-accepted", _AFTER, f"{_APP}.delivery.transport:hand_over", _message),
    _point("letter", "letter-recorded", _AFTER, f"{_APP}.delivery.email:_quote_sent"),
    _point("letter", "letter-committed", _COMMITTED, f"{_APP}.delivery.email:_sent"),
    _point("push", "push-claimed", _COMMITTED, f"{_APP}.netsuite.push_queue:claim", won=bool),
    _point("push", "before-the-request", _COMMITTED, f"{_APP}.netsuite.push_queue:sending", _claimed),
    _point(
        "push", "request-sent", _BEFORE, "httpcore._sync.http11:HTTP11Connection._receive_response_headers", _written
    ),
    _point("push", "request-answered", _AFTER, f"{_APP}.netsuite.client:NetSuite.upsert", _external_id),
    _point("push", "push-confirmed", _BEFORE, f"{_APP}.netsuite.push_queue:applied", _claimed),
    _point("push", "push-recorded", _AFTER, f"{_APP}.netsuite.mirrors:confirm", _mirrored),
    _point("verify", "check-claimed", _COMMITTED, f"{_APP}.runner.verify:_claim", won=bool),
    _point("verify", "check-executed", _BEFORE, f"{_APP}.runner.verify:_flip"),
    _point("verify", "check-flipped", _COMMITTED, f"{_APP}.runner.verify:_flip"),
    _point("occurrence", "occurrence-written", _BEFORE, f"{_APP}.triggers.cron:create_run", _cause),
    _point("tick", "run-of-occurrence-created", _AFTER, f"{_APP}.triggers.cron:create_run", _cause),
    _rare("intervention", "run-taken-from-workers", _AFTER, f"{_APP}.runner.transitions:seize"),
    _rare("intervention", "intervention-carried-out", _AFTER, f"{_APP}.runner.interventions:carry_out"),
    _rare("intervention", "intervention-committed", _COMMITTED, f"{_APP}.runner.interventions:carry_out"),
    _rare("rerun", "rerun-created", _AFTER, f"{_APP}.triggers.manual:create_run", _rerun),
    _rare("rerun", "rerun-begun", _AFTER, f"{_APP}.triggers.rerun:begin", _rerun),
    _rare("expiry", "gate-expired", _AFTER, f"{_APP}.runner.hooks:RunnerHooks.expired", _expired),
    _rare("expiry", "expiry-committed", _COMMITTED, f"{_APP}.runner.hooks:RunnerHooks.expired", _expired),
    _rare("take-back", "push-taken-back", _AFTER, f"{_APP}.netsuite.push_queue:reap", _each_time, won=bool),
    _rare("take-back", "letter-given-up", _AFTER, f"{_APP}.delivery.email:_settled", _given_up, won=bool),
    _rare("hold", "held-run-woken", _AFTER, f"{_APP}.runner.transitions:change", _woken),
    _rare("hold", "hold-lifted", _COMMITTED, f"{_APP}.runner.transitions:change", _woken),
]
POINTS: Mapping[str, Point] = {point.name: point for point in _ALL}


def waves(points: Iterable[Point] = tuple(_ALL)) -> list[list[Point]]:
    """The points in groups that hold at most one of each stage."""
    stages: dict[str, list[Point]] = {}
    for point in points:
        stages.setdefault(point.stage, []).append(point)
    return [[point for point in wave if point is not None] for wave in zip_longest(*stages.values())]
