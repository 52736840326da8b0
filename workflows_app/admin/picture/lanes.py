"""What stands in the picture: the six lanes of a contract with their parts, as data without places."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workflows_app.admin.picture import explanations as say
from workflows_app.admin.picture.explanations import Look
from workflows_app.contracts.schema import (
    ContextEntry,
    Contract,
    CronTrigger,
    EventTrigger,
    HitlTrigger,
    ManualTrigger,
    Precondition,
    Step,
    VerifyCheck,
)
from workflows_app.presentation.triggers import cron_words

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_TOLD: Final = ("tool", "action_type", "record_type", "path")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One box. `details`: small lines under its title; `hint`: what it says when pointed at, beside them."""

    key: str
    title: str
    details: tuple[str, ...]
    look: Look
    hint: str

    @property
    def anchor(self) -> str:
        """The id of its place on the contract's page."""
        return anchor(self.key)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Boxes under one heading, from top to bottom; `room` is how wide they are, in pixels."""

    title: str
    count: str
    explanation: str
    parts: tuple[Part, ...]
    room: int


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One lane: its title with its number, and its groups from left to right."""

    title: str
    groups: tuple[Group, ...]


def anchor(key: str) -> str:
    """`context:customer` stands at `#context-customer`."""
    return key.replace(":", "-")


def lanes(contract: Contract) -> tuple[Lane, ...]:
    """The six lanes, with every named part of the contract exactly once."""
    return (
        Lane(title="01 / Trigger", groups=(_trigger(contract),)),
        Lane(title="02 / Context + preconditions", groups=(_context(contract), _preconditions(contract))),
        Lane(title="03 / HITL gate (Mike approves)", groups=(_gate(contract),)),
        Lane(title="04 / Fan-out cascade", groups=(_fan_out(contract),)),
        Lane(title="05 / Post actions (log_run + reflexion + events)", groups=(_post(contract),)),
        Lane(title="06 / Verify (SQL / R2 / HTTP checks)", groups=(_verify(contract),)),
    )


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _trigger(contract: Contract) -> Group:
    title, details, look = _start(contract)
    part = Part(
        key="trigger",
        title=title,
        details=(*details, f"risk {contract.risk_level}"),
        look=look,
        hint=f"kind: {contract.trigger.kind}. Every workflow can also be started by hand.",
    )
    return Group(title="Trigger", count=contract.trigger.kind, explanation=say.TRIGGER, parts=(part,), room=116)


def _start(contract: Contract) -> tuple[str, tuple[str, ...], Look]:
    match contract.trigger:
        case CronTrigger() as trigger:
            return "Schedule", (cron_words(trigger.cron), trigger.tz), Look.AGENT
        case EventTrigger() as trigger:
            return "Event", trigger.sources, Look.AGENT
        case HitlTrigger() as trigger:
            return "Approval", (f"{trigger.action_type} approved",), Look.USER
        case ManualTrigger() as trigger:
            return "Manual", ("Mike invokes", *trigger.sources), Look.USER


def _context(contract: Contract) -> Group:
    return Group(
        title="Load context",
        count=_counted(len(contract.context), "query", "queries"),
        explanation=say.CONTEXT,
        parts=tuple(map(_entry, contract.context)),
        room=132,
    )


def _entry(entry: ContextEntry) -> Part:
    if entry.provider:
        details, look, hint = ("computed",), Look.AGENT, f"provider: {entry.provider}"
    else:
        details, look, hint = (_few(entry.tables),), Look.TRACE, " ".join((entry.sql or "").split())[:120]
    return Part(key=f"context:{entry.name}", title=entry.name, details=details, look=look, hint=hint)


def _few(tables: tuple[str, ...]) -> str:
    return tables[0] + (f" and {len(tables) - 1} more" if len(tables) > 1 else "") if tables else "no table"


def _preconditions(contract: Contract) -> Group:
    return Group(
        title="Preconditions",
        count=_counted(len(contract.preconditions), "check"),
        explanation=say.PRECONDITIONS,
        parts=tuple(map(_check, contract.preconditions)),
        room=132,
    )


def _check(check: Precondition) -> Part:
    hint = f"[{check.severity}] {check.rule}"
    return Part(
        key=f"check:{check.check}", title=check.check, details=(check.severity,), look=Look.POLICY, hint=hint[:200]
    )


def _gate(contract: Contract) -> Group:
    if contract.gated:
        minutes = contract.gate.window_minutes
        title, look = "Mike approves", Look.UI
        details: tuple[str, ...] = ("stage_proposed_action", f"answer hoped for within {minutes} min")
        hint = f"action_type: workflow_{contract.workflow_type}. approver: mike"
    else:
        title, details, look = "No HITL", ("auto-execute (risk ≤ 2)",), Look.AGENT
        hint = "Its letters and proposals still wait for decisions of their own."
    part = Part(key="gate", title=title, details=details, look=look, hint=hint)
    count = "risk ≥ 3 gate" if contract.gated else "low risk"
    return Group(title="HITL gate", count=count, explanation=say.GATE, parts=(part,), room=122)


def _fan_out(contract: Contract) -> Group:
    return Group(
        title="Fan-out",
        count=_counted(len(contract.fan_out), "step"),
        explanation=say.FAN_OUT,
        parts=tuple(map(_step, contract.ordered_steps)),
        room=146,
    )


def _step(step: Step) -> Part:
    return Part(
        key=f"step:{step.name}",
        title=step.name,
        details=(step.kind, *_conditions(step)),
        look=Look.TOOL,
        hint=". ".join((*_told(step), say.KINDS.get(step.kind, f"A step of the kind {step.kind}"))),
    )


def _conditions(step: Step) -> Iterator[str]:
    """When it runs, and how often."""
    if step.needs:
        yield f"after {', '.join(step.needs)}"
    if step.for_each is not None:
        yield f"for each of {step.for_each}"
    if step.if_ is not None:
        yield f"if {step.if_}"


def _told(step: Step) -> Iterator[str]:
    """What the options of its kind say in one word, such as the record type of a push."""
    return (f"{name}: {value}" for name in _TOLD if (value := getattr(step, name, "")))


def _post(contract: Contract) -> Group:
    automatic = {"log_run": ("workflow_run_log", say.LOG_RUN)}
    if contract.reflexion.enabled:
        automatic["reflexion"] = ("reflexion_log", say.REFLEXION)
    automatic["event"] = ("workflow.completed", say.EVENT)
    declared = {
        action.id: (action.action, say.DECLARED) for action in contract.post_actions if action.id not in automatic
    }
    parts = tuple(
        Part(key=f"post:{name}", title=name, details=(detail,), look=Look.TRACE, hint=hint)
        for name, (detail, hint) in {**automatic, **declared}.items()
    )
    return Group(title="Post actions", count="always", explanation=say.POST, parts=parts, room=116)


def _verify(contract: Contract) -> Group:
    return Group(
        title="Verify",
        count=_counted(len(contract.verify), "check"),
        explanation=say.VERIFY,
        parts=tuple(map(_later, contract.verify)),
        room=132,
    )


def _later(check: VerifyCheck) -> Part:
    since = f"the decision on {check.after}" if check.after else "the run"
    kind = {"sql": "SQL", "http": "HTTP"}.get(check.kind, check.kind)
    return Part(
        key=f"verify:{check.name}",
        title=check.name,
        details=(f"{kind}, {short_span(check.window)} after {since}",),
        look=Look.TRACE,
        hint=f"window: {short_span(check.window)}. result row: workflow_verify_results",
    )


def short_span(seconds: int) -> str:
    """A window as contracts write it: `10s`, `15m`, `24h`, `7d`."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}"
