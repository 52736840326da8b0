"""The shape of a contract file (DESIGN.md section 4) as pydantic models.

Only shape is checked here. Names, types, SQL and rules are checked by `contracts/check.py`, which walks these models:
a value of type `Expression` is a bare expression, any other text may contain `${{ }}`.
Step kinds and verify kinds subclass `Step` and `VerifyCheck` with their own options and are looked up in the catalog
that the validation context carries.
"""

import re
from typing import Annotated, Any, Literal, LiteralString, Self, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    SerializeAsAny,
    StringConstraints,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from workflows_app.contracts.problems import suggestion

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
    """No unknown keys, no coercion, no change after loading. Lists are tuples."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    @model_validator(mode="wrap")
    @classmethod
    def _name_what_is_near(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Tell, for an unknown key, which key of this very mapping it resembles."""
        try:
            return handler(value)
        except ValidationError as error:
            details = [_detail(cls, line) for line in error.errors(include_url=False)]
        raise ValidationError.from_exception_data(cls.__name__, details)


def _detail(model: type[BaseModel], line: ErrorDetails) -> InitErrorDetails:
    """One line of an error once more, with the nearest known key when the key is unknown to `model`."""
    message = line["msg"]
    if line["type"] == "extra_forbidden" and len(line["loc"]) == 1:
        known = (field.alias or name for name, field in model.model_fields.items())
        message = f"unknown key{suggestion(str(line['loc'][0]), known)}"
    # LiteralString asks for a constant; pydantic fills in no braces when no context is given.
    problem = PydanticCustomError(cast(LiteralString, line["type"]), cast(LiteralString, message))
    return InitErrorDetails(type=problem, loc=line["loc"], input=line["input"])


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


def _trigger_tag(value: object) -> str | None:
    """Tags stand in the place of an error; `<cron>` can not be taken for the key `cron`."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>" if kind in ("manual", "cron", "event", "hitl_approval") else None


Trigger = Annotated[
    Annotated[ManualTrigger, Tag("<manual>")]
    | Annotated[CronTrigger, Tag("<cron>")]
    | Annotated[EventTrigger, Tag("<event>")]
    | Annotated[HitlTrigger, Tag("<hitl_approval>")],
    Discriminator(
        _trigger_tag,
        custom_error_type="trigger_kind",
        custom_error_message="needs kind: manual, cron, event or hitl_approval",
    ),
]


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


def _params_tag(value: object) -> str:
    return "<named>" if isinstance(value, dict) else "<positional>"


Params = Annotated[
    Annotated[tuple[Expression, ...], Tag("<positional>")] | Annotated[dict[str, Expression], Tag("<named>")],
    Discriminator(_params_tag),
]


class ContextEntry(Strict):
    """One named reading: contract SQL, or a registered provider.

    `shape`: `one` is a row or NULL, `all` a list of rows, `value` the first column of the first row or NULL, `groups`
    a list of groups by the columns `group_by`, each with those columns and `rows` (the other columns of its rows).
    """

    name: Name
    tables: tuple[str, ...] = ()
    sql: str | None = None
    provider: str | None = None
    params: Params = ()
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
    """One change. `id` names it for `steps.<step>.<id>`; default: the table it writes.

    `key` identifies an element of its loop. `tick`: a person may untick single elements before approving.
    """

    id: Name | None = None
    if_: Expression | None = Field(default=None, alias="if")
    for_each: Expression | None = None
    as_: Name | None = Field(default=None, alias="as")
    key: Name = "id"
    tick: bool = False

    @model_validator(mode="after")
    def _loop(self) -> "Operation":
        if (self.for_each is None) != (self.as_ is None):
            raise PydanticCustomError("operation_loop", "for_each and as belong together")
        if self.tick and self.for_each is None:
            raise PydanticCustomError("operation_tick", "tick needs for_each: it ticks the elements of a loop")
        return self


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


class Sublist(Strict):
    """The lines of a NetSuite record, one per element, numbered `line: 1..n` in the order of `for_each`."""

    for_each: Expression
    as_: Name = Field(alias="as")
    record: dict[str, Any]


class Push(Strict):
    """A record for NetSuite. What is NULL in it is left out: an omitted field stays as it is there."""

    record_type: str
    external_id: str
    record: dict[str, Any]
    sublists: dict[str, Sublist] = {}
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


class ProposalBody(Strict):
    """What a staged proposal says, without its action type, and the operations that its approval applies."""

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


class Proposal(ProposalBody):
    """A proposal to stage."""

    action_type: Name


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
    return _OPERATIONS[verbs[0]].model_validate(value, context=info.context, by_alias=True, by_name=False)


OperationItem = Annotated[SerializeAsAny[Operation], BeforeValidator(_operation)]
ProposalBody.model_rebuild()
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
    """What every verify check has. `after`: the window counts from the decision on what that step staged.

    `of`: the step whose work it checks; the check is `not_applicable` when that step was skipped.
    """

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
        raise PydanticCustomError("kind_missing", "needs a kind")
    if kind not in known:
        raise PydanticCustomError("kind_unknown", cast(LiteralString, f"unknown kind {kind}{suggestion(kind, known)}"))
    return known[kind].model_validate(value, context=info.context, by_alias=True, by_name=False)


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
