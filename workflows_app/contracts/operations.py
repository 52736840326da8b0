"""Operations: what a `d1_write` step does and what `on_approve` freezes, with the letters and proposals inside them."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SerializeAsAny, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from workflows_app.contracts.primitives import Expression, Name, Seconds, Strict


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


class AboutQuote(Strict):
    """The quote that a letter is about: its id, and which revision the letter tells of."""

    quote_id: str | None = None
    quote_revision: str | None = None

    @model_validator(mode="after")
    def _both(self) -> "AboutQuote":
        if (self.quote_id is None) != (self.quote_revision is None):
            raise PydanticCustomError("letter_quote", "quote_id and quote_revision belong together")
        return self


class Email(Letter, AboutQuote):
    """The letter of an `email` operation, and what it is about."""

    customer_id: str | None = None
    attach: tuple[str, ...] = ()


class EmailOperation(Operation):
    """A letter to be sent when the proposal is approved."""

    email: Email


class Sublist(Strict):
    """A list of records (of a NetSuite record, of a document), one per element, numbered `line: 1..n` in its order."""

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


class AgainOperation(Operation):
    """What a step of this run sent or pushed, and what did not arrive, once more as it was approved.

    Only for what a failed check proposes: it is planned from what became of the step (`steps/again.py`).
    """

    again: Name


OPERATIONS: dict[str, type[Operation]] = {
    "insert": InsertOperation,
    "update": UpdateOperation,
    "upsert": UpsertOperation,
    "promote": PromoteOperation,
    "email": EmailOperation,
    "push": PushOperation,
    "event": EventOperation,
    "stage": StageOperation,
    "again": AgainOperation,
}


def _operation(value: object, info: ValidationInfo) -> object:
    """Choose the operation by its verb, so that errors speak of that verb only."""
    if isinstance(value, Operation):
        return value
    verbs = [verb for verb in OPERATIONS if isinstance(value, dict) and verb in value]
    if len(verbs) != 1:
        choice = ", ".join(OPERATIONS)
        raise PydanticCustomError("operation_verb", f"needs exactly one of: {choice}")
    return OPERATIONS[verbs[0]].model_validate(value, context=info.context, by_alias=True, by_name=False)


OperationItem = Annotated[SerializeAsAny[Operation], BeforeValidator(_operation)]
ProposalBody.model_rebuild()
Proposal.model_rebuild()
StageOperation.model_rebuild()
