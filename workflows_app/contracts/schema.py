"""The shape of a contract file (DESIGN.md section 4) as pydantic models.

Only shape is checked here. Names, types, SQL and rules are checked by `contracts/check.py`, which walks these models:
a value of type `Expression` is a bare expression, any other text may contain `${{ }}`.
Step kinds and verify kinds subclass `Step` and `VerifyCheck` with their own options and are looked up in the catalog
that the validation context carries.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializeAsAny,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,79}$")]


class Expression(str):
    """Text that is one bare expression (`rule`, `if`, `params`, `expect`)."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept text only, so that a YAML number or boolean is reported instead of turned into text."""
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(strict=True, min_length=1))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Editors see a string with a hint."""
        return {"type": "string", "title": "expression"}


class Strict(BaseModel):
    """No unknown keys, no coercion, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: object) -> object:
    """`10s`, `15m`, `24h`, `7d` as seconds."""
    match = re.fullmatch(r"(\d{1,6})([smhd])", value) if isinstance(value, str) else None
    if match is None:
        raise PydanticCustomError("duration", "should be a duration such as 10s, 15m, 24h or 7d")
    return int(match[1]) * _UNITS[match[2]]


Seconds = Annotated[int, BeforeValidator(_duration, json_schema_input_type=str)]


# --- trigger ------------------------------------------------------------------------------------------------------


class ManualTrigger(Strict):
    """Started by hand; every other workflow can be as well."""

    kind: Literal["manual"]
    sources: tuple[str, ...] = ()


class CronTrigger(Strict):
    """Five fields in a time zone. `catch_up_minutes`: how old a missed occurrence may be and still run."""

    kind: Literal["cron"]
    cron: str
    tz: str = "UTC"
    catch_up_minutes: int = Field(default=60, ge=0)
    existing_cron: str | None = None


class EventTrigger(Strict):
    """Started by each event of one of these types."""

    kind: Literal["event"]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]


_APPROVED = re.compile(r"proposed_actions approved with action_type=([a-z][a-z0-9_]*)")


class HitlTrigger(Strict):
    """Started by the approval of a proposal of one action type; its payload becomes the inputs."""

    kind: Literal["hitl_approval"]
    event: Annotated[str, StringConstraints(pattern=f"^{_APPROVED.pattern}$")]

    @property
    def action_type(self) -> str:
        """The action type that `event` names."""
        return self.event.rpartition("=")[2]


Trigger = Annotated[ManualTrigger | CronTrigger | EventTrigger | HitlTrigger, Field(discriminator="kind")]


# --- inputs, context, preconditions -------------------------------------------------------------------------------

InputType = Literal[
    "string", "text", "email", "integer", "decimal", "boolean", "date", "datetime", "object",
    "list[string]", "list[text]", "list[email]", "list[integer]", "list[decimal]", "list[boolean]", "list[date]",
    "list[datetime]", "list[object]",
]  # fmt: skip


class InputSpec(Strict):
    """One declared input. `string` is one line with surrounding and repeated blanks removed; `text` is kept as is."""

    name: Name
    type: InputType
    required: bool = False
    default: Any = None
    help: str = ""
    pattern: str | None = None


class ContextEntry(Strict):
    """One named reading: contract SQL, or a registered provider.

    `shape`: `one` is a row or NULL, `all` a list of rows, `value` the first column of the first row or NULL, `groups`
    a list of groups by the columns `group_by`, each with those columns and `rows` (the other columns of its rows).
    """

    name: Name
    tables: tuple[str, ...] = ()
    sql: str | None = None
    provider: str | None = None
    params: tuple[Expression, ...] | dict[str, Expression] = ()
    shape: Literal["one", "all", "value", "groups"] = "all"
    group_by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> "ContextEntry":
        if (self.sql is None) == (self.provider is None):
            raise PydanticCustomError("context_source", "needs either sql or provider, and not both")
        if (self.shape == "groups") != bool(self.group_by):
            raise PydanticCustomError("context_groups", "group_by belongs to shape: groups, which needs it")
        return self


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


# --- operations: what d1_write does and what on_approve freezes -----------------------------------------------------


class Operation(Strict):
    """One change. `id` names it for `steps.<step>.<id>`; default: the table it writes."""

    id: Name | None = None
    if_: Expression | None = Field(default=None, alias="if")
    for_each: Expression | None = None
    as_: Name | None = Field(default=None, alias="as")
    key: Name | None = None


class InsertOperation(Operation):
    """A new row; its `id` is derived, unless `values` gives the primary key."""

    insert: str
    values: dict[str, Any]


class UpdateOperation(Operation):
    """Every row that `where` matches when it is planned (a list matches any of its values)."""

    update: str
    where: Annotated[dict[str, Any], Field(min_length=1)]
    set: Annotated[dict[str, Any], Field(min_length=1)]


class UpsertOperation(Operation):
    """The row with the unique `match` columns: changed when it is there, inserted when it is not."""

    upsert: str
    match: Annotated[dict[str, Any], Field(min_length=1)]
    set: Annotated[dict[str, Any], Field(min_length=1)]


class PromoteOperation(Operation):
    """Copies each matching row into `into` (upsert by `match`, columns of the same name), then marks it promoted."""

    promote: str
    where: Annotated[dict[str, Any], Field(min_length=1)]
    into: str
    match: Annotated[tuple[str, ...], Field(min_length=1)]
    set: dict[str, Any] = {}


class Letter(Strict):
    """A letter by template (`templates/email/`, subject on the first line) or inline."""

    to: str
    template: str | None = None
    values: dict[str, Any] = {}
    subject: str | None = None
    body: str | None = None

    @model_validator(mode="after")
    def _one_text(self) -> "Letter":
        inline = self.subject is not None and self.body is not None
        if inline == (self.template is not None) or (self.template and (self.subject or self.body)):
            raise PydanticCustomError("letter_text", "needs either template, or subject and body")
        return self


class Email(Letter):
    """The letter of an `email` operation, and what it is about."""

    customer_id: str | None = None
    quote_id: str | None = None
    attach: tuple[str, ...] = ()


class EmailOperation(Operation):
    """A letter to be sent when the proposal is approved."""

    email: Email


class Push(Strict):
    """A record for NetSuite."""

    record_type: str
    external_id: str
    record: dict[str, Any]
    queue: str = "NS_PUSH_QUEUE"
    on_failure: str = "retry_3_then_alert"


class PushOperation(Operation):
    """A record to be pushed when the proposal is approved."""

    push: Push


class EventRecord(Strict):
    """An event for the ledger."""

    type: str
    key: str
    payload: dict[str, Any] = {}


class EventOperation(Operation):
    """An event to be recorded when the proposal is approved."""

    event: EventRecord


class Proposal(Strict):
    """A proposal to stage, with the effects that its approval applies."""

    action_type: Name
    entity_type: str = "workflow_run"
    entity_ref: str = ""
    customer_name: str = ""
    title: str | None = None
    summary: str = ""
    amount: str | None = None
    payload: dict[str, Any] = {}
    expires_after: Seconds = 7 * 86400
    window_minutes: int = Field(default=60, ge=1)
    on_approve: tuple["OperationItem", ...] = ()
    recheck: tuple[Expression, ...] = ()


class StageOperation(Operation):
    """A further proposal, staged when this one is approved."""

    stage: Proposal


_OPERATIONS: dict[str, type[Operation]] = {
    "insert": InsertOperation,
    "update": UpdateOperation,
    "upsert": UpsertOperation,
    "promote": PromoteOperation,
    "email": EmailOperation,
    "push": PushOperation,
    "event": EventOperation,
    "stage": StageOperation,
}


def _operation(value: object, info: ValidationInfo) -> object:
    """Choose the operation by its verb, so that errors speak of that verb only."""
    if isinstance(value, Operation):
        return value
    verbs = [verb for verb in _OPERATIONS if isinstance(value, dict) and verb in value]
    if len(verbs) != 1:
        choice = ", ".join(_OPERATIONS)
        raise PydanticCustomError("operation_verb", f"needs exactly one of: {choice}")
    return _OPERATIONS[verbs[0]].model_validate(value, context=info.context)


OperationItem = Annotated[SerializeAsAny[Operation], BeforeValidator(_operation)]
Proposal.model_rebuild()
StageOperation.model_rebuild()


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
    """What every verify check has. `after`: the window counts from the decision on what that step staged."""

    name: Name
    kind: str
    window: Seconds
    after: Name | None = None
    on_fail: tuple[OperationItem, ...] = ()


def _by_kind(kinds: str, value: object, info: ValidationInfo) -> object:
    """Validate with the class that the catalog has for `kind`."""
    if isinstance(value, Step | VerifyCheck):
        return value
    known = getattr((info.context or {}).get("catalog"), kinds, {})
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in known:
        choice = ", ".join(sorted(known))
        raise PydanticCustomError("kind_unknown", f"kind {kind!r} is not one of: {choice}")
    return known[kind].model_validate(value, context=info.context)


def _step(value: object, info: ValidationInfo) -> object:
    return _by_kind("step_kinds", value, info)


def _verify(value: object, info: ValidationInfo) -> object:
    return _by_kind("verify_kinds", value, info)


StepItem = Annotated[SerializeAsAny[Step], BeforeValidator(_step)]
VerifyItem = Annotated[SerializeAsAny[VerifyCheck], BeforeValidator(_verify)]


class Reflexion(Strict):
    """Whether the run is remembered, and under which tags beside its workflow type."""

    enabled: bool = False
    tags: tuple[str, ...] = ()


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
    fan_out: Annotated[tuple[StepItem, ...], Field(min_length=1)]
    post_actions: tuple[PostAction, ...] = ()
    verify: tuple[VerifyItem, ...] = ()
    retry: Retry = Retry()

    @property
    def gated(self) -> bool:
        """Whether a person decides before anything happens (risk level 3 and more)."""
        return self.risk_level >= 3
