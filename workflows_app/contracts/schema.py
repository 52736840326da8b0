"""The shape of a contract file (DESIGN.md section 4) as pydantic models.

Only shape is checked here. Names, types, SQL and rules are checked by `contracts/check.py`, which walks these models:
a value of type `Expression` is a bare expression, any other text may contain `${{ }}`.
Step kinds and verify kinds subclass `Step` and `VerifyCheck` with their own options and are looked up in the catalog
that the validation context carries.
"""

from collections.abc import Mapping
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Annotated, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from workflows_app.contracts.context import ContextEntry, Params
from workflows_app.contracts.inputs import InputSpec, InputType
from workflows_app.contracts.operations import (
    AgainOperation,
    Email,
    EmailOperation,
    EventOperation,
    EventRecord,
    InsertOperation,
    Letter,
    Operation,
    OperationItem,
    PromoteOperation,
    Proposal,
    ProposalBody,
    Push,
    PushOperation,
    StageOperation,
    Sublist,
    UpdateOperation,
    UpsertOperation,
)
from workflows_app.contracts.primitives import ColumnKind, Expression, Name, Seconds, Strict
from workflows_app.contracts.problems import suggestion
from workflows_app.contracts.trigger import CronTrigger, EventTrigger, HitlTrigger, ManualTrigger, Trigger

__all__ = [
    "AgainOperation",
    "ContextEntry",
    "Contract",
    "CronTrigger",
    "Email",
    "EmailOperation",
    "EventOperation",
    "EventRecord",
    "EventTrigger",
    "Expression",
    "Gate",
    "HitlTrigger",
    "InputSpec",
    "InputType",
    "InsertOperation",
    "Letter",
    "ManualTrigger",
    "Name",
    "Operation",
    "OperationItem",
    "Params",
    "PostAction",
    "Precondition",
    "PromoteOperation",
    "Proposal",
    "ProposalBody",
    "Push",
    "PushOperation",
    "Reflexion",
    "Retry",
    "Seconds",
    "StageOperation",
    "Step",
    "StepItem",
    "Strict",
    "Sublist",
    "Trigger",
    "UpdateOperation",
    "UpsertOperation",
    "VerifyCheck",
    "VerifyItem",
]


# --- preconditions, gate ----------------------------------------------------------------------------------------------


class Precondition(Strict):
    """A rule that must be TRUE. `block` stops the run, `warn` shows on the card."""

    check: Name
    rule: Expression
    severity: Literal["block", "warn"]


class Gate(Strict):
    """The envelope proposal. The window is the response target; the expiry ends it."""

    window_minutes: int = Field(default=60, ge=1)
    expires_after: Seconds = 24 * 3600
    summary: str | None = None
    amount: str | None = None
    customer_name: str | None = None


# --- steps, verify, the whole ---------------------------------------------------------------------------------------


class Step(Strict):
    """What every fan-out step has. `key` identifies an item of the loop."""

    name: Name
    kind: str
    if_: Expression | None = Field(default=None, alias="if")
    needs: tuple[Name, ...] = ()
    for_each: Expression | None = None
    as_: Name | None = Field(default=None, alias="as")
    key: Name = "id"


class VerifyCheck(Strict):
    """What every verify check has. `after`: the window counts from the decision on what that step staged.

    `of`: the step whose work it checks; the check is `not_applicable` when that step was skipped.
    `finds`: names that `expect` may use beside all others, with their types.
    """

    finds: ClassVar[Mapping[str, ColumnKind]] = {}

    name: Name
    kind: str
    window: Seconds
    after: Name | None = None
    of: Name | None = None
    on_fail: tuple[OperationItem, ...] = ()


def _by_kind(kinds: str, value: object, info: ValidationInfo) -> object:
    """Validate with the class that the catalog has for `kind`."""
    if isinstance(value, Step | VerifyCheck):
        return value
    known = getattr((info.context or {}).get("catalog"), kinds, {})
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise _kind_error(kind, "needs a kind")
    if kind not in known:
        raise _kind_error(kind, f"there is no kind {kind}{suggestion(kind, known)}")
    return known[kind].model_validate(value, context=info.context, by_alias=True, by_name=False)


def _kind_error(kind: object, message: str) -> ValidationError:
    """An error that stands at the key `kind`."""
    details = InitErrorDetails(type=PydanticCustomError("kind", message), loc=("kind",), input=kind)
    return ValidationError.from_exception_data("kind", [details])


def _step(value: object, info: ValidationInfo) -> object:
    return _by_kind("step_kinds", value, info)


def _verify(value: object, info: ValidationInfo) -> object:
    return _by_kind("verify_kinds", value, info)


StepItem = Annotated[SerializeAsAny[Step], BeforeValidator(_step)]
VerifyItem = Annotated[SerializeAsAny[VerifyCheck], BeforeValidator(_verify)]


class Reflexion(Strict):
    """Whether the run is remembered, and under which tags beside its workflow type.

    `drafted`: a language model may sum it up beside what was recorded, if the environment names one.
    """

    enabled: bool = False
    tags: tuple[str, ...] = ()
    drafted: bool = False


class PostAction(Strict):
    """Declared for the page; the runner carries it out once."""

    id: Name
    action: str


class Retry(Strict):
    """Per step. `linear` waits base·n, `exponential` base·2^(n-1), capped at `max_ms`, ±20 % jitter."""

    max_attempts: int = Field(default=1, ge=1, le=20)
    backoff: Literal["none", "linear", "exponential"] = "none"
    base_ms: int = Field(default=0, ge=0)
    max_ms: int = Field(default=3_600_000, ge=0)
    alert_on_final_failure: bool = False


def _some(steps: tuple[Step, ...], info: ValidationInfo) -> tuple[Step, ...]:
    """At least one step, except while the remains of a faulty contract are checked."""
    if not steps and not (info.context or {}).get("salvaging"):
        raise PydanticCustomError("too_short", "should not be empty")
    return steps


class Contract(Strict):
    """One version of one workflow."""

    workflow_type: Name
    contract_version: int = Field(ge=1)
    title: str
    category: str = ""
    owner: str | None = None
    risk_level: int = Field(ge=1, le=5)
    reflexion: Reflexion = Reflexion()
    description: str
    trigger: Trigger
    inputs: tuple[InputSpec, ...] = ()
    context: tuple[ContextEntry, ...] = ()
    preconditions: tuple[Precondition, ...] = ()
    gate: Gate = Gate()
    fan_out: Annotated[tuple[StepItem, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
    post_actions: tuple[PostAction, ...] = ()
    verify: tuple[VerifyItem, ...] = ()
    retry: Retry = Retry()

    @property
    def gated(self) -> bool:
        """Whether a person decides before anything happens (risk level 3 and more)."""
        return self.risk_level >= 3

    @cached_property
    def ordered_steps(self) -> tuple[Step, ...]:
        """The steps in an order that respects `needs`, and the contract's own order wherever it can."""
        position = {step.name: index for index, step in enumerate(self.fan_out)}
        sorter = TopologicalSorter({step.name: set(step.needs) for step in self.fan_out})
        sorter.prepare()
        result: list[Step] = []
        ready: list[str] = []
        while sorter.is_active():
            ready = sorted([*ready, *sorter.get_ready()], key=position.__getitem__)
            name = ready.pop(0)
            result.append(self.fan_out[position[name]])
            sorter.done(name)
        return tuple(result)
