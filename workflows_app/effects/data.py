"""The closed set of effects (DESIGN.md section 2), as plain JSON-ready mappings.

An effect is data from planning to applying: what is hashed is what is shown is what is applied. Decimals and moments
are canonical text; the applier turns them into column values. Three placeholders may stand for a value that is not
known yet.
"""

from typing import Any, Literal, NotRequired, TypedDict

Row = dict[str, Any]


class RowPlace(TypedDict):
    """Where a row effect comes from, for later names and for the card; applying reads only `tick`.

    `operation`: its name in the contract, outside loops. With `tick: true` in the contract, each effect of an element
    carries `tick` (whether it is to be applied), which is in its `editable`, and `element`, the key of that element.
    """

    operation: NotRequired[str]
    tick: NotRequired[bool]
    element: NotRequired[str]
    editable: NotRequired[list[str]]


class RowInsert(RowPlace):
    """A new row of `table`; `id` is its primary key."""

    kind: Literal["row.insert"]
    table: str
    id: str
    values: Row


class RowUpdate(RowPlace):
    """Changes one row, on condition that it still holds `was` in the columns that `set` replaces.

    A column set to the placeholder `now` is not in `was`: a touched moment is no conflict.
    """

    kind: Literal["row.update"]
    table: str
    id: str
    set: Row
    was: Row


class RowUpsert(RowPlace):
    """The row with the unique columns `match`: inserted when `was` is None, else changed on condition of `was`.

    `id` is the primary key of the row that is there, or the one a new row gets.
    """

    kind: Literal["row.upsert"]
    table: str
    id: str
    match: Row
    set: Row
    was: Row | None


class ProposalStage(TypedDict):
    """A proposal with its own frozen effects.

    `recheck` and `was`: rules over freshly loaded context that must be TRUE when it is approved; `alias`,
    `for_each` and `key` say how to find the element of its loop again. `place`, of one that another proposal stages:
    the item of the step, then each operation on the way (`name:key` in a loop), so that no two share a place.
    """

    kind: Literal["proposal.stage"]
    id: str
    action_type: str
    entity_type: str
    entity_ref: str
    customer_name: str
    title: str
    summary: str
    amount: str | None
    payload: Row
    risk_level: int
    window_minutes: int
    expires_seconds: int
    on_approve: "list[Effect]"
    recheck: list[str]
    was: Any
    alias: str
    for_each: str
    key: str
    place: NotRequired[list[str]]


class NetsuitePush(TypedDict):
    """A record for NetSuite, upserted there by `external_id`.

    `expected_modified`: when NetSuite had last changed the record, as the plan knew it; None for one that NetSuite has
    not confirmed. What is changed there after that is not overwritten. `again`: the push that this one repeats.
    """

    kind: Literal["netsuite.push"]
    id: str
    external_id: str
    record_type: str
    queue: str
    on_failure: str
    expected_modified: str | None
    record: Row
    again: NotRequired[str]


class Attachment(TypedDict):
    """A file of a letter: its name, where it is stored, and its content hash (or the placeholder for it)."""

    name: str
    key: str
    sha256: Any


class DraftMark(TypedDict):
    """Who wrote a letter that a language model was asked for; when it did, the template's text stands beside it.

    `note`: what whoever decides has to know.
    """

    by: Literal["model", "template"]
    note: str
    model: NotRequired[str]
    template: NotRequired[str]


class EmailSend(TypedDict):
    """A letter. Only legal among the effects of an approved proposal.

    `letterhead` stands over the text of its HTML. `in_reply_to`: the Message-ID of what it answers, and `references`
    those of the whole thread, oldest first. `replaces`: the id of the letter that it is a second copy of.
    """

    kind: Literal["email.send"]
    id: str
    action_type: str
    to: str
    subject: str
    body: str
    attachments: list[Attachment]
    related_quote_id: str | None
    related_quote_revision: int | None
    related_customer_id: str | None
    editable: list[str]
    drafted: NotRequired[DraftMark]
    letterhead: NotRequired[str]
    in_reply_to: NotRequired[str]
    references: NotRequired[list[str]]
    replaces: NotRequired[str]


class EventRecord(TypedDict):
    """A row of the event ledger."""

    kind: Literal["event.record"]
    id: str
    event_type: str
    idempotency_key: str
    payload: Row


class HttpRequest(TypedDict):
    """A call to an endpoint; what it returns may be stored as an artifact under `produces`.

    `path`: of our own site, or the whole address of a far end. `headers`: text, or `{"secret": NAME}`, never a secret.
    """

    kind: Literal["http.request"]
    id: str
    method: str
    path: str
    body: Any
    produces: str | None
    headers: NotRequired[Row]


Effect = RowInsert | RowUpdate | RowUpsert | ProposalStage | NetsuitePush | EmailSend | EventRecord | HttpRequest


class Placeholder(TypedDict):
    """A value that applying fills in: `now`, `artifact_sha256` of a step, or `ns_id` of a row born here."""

    placeholder: Literal["now", "artifact_sha256", "ns_id"]
    of: NotRequired[str]


NOW: Placeholder = {"placeholder": "now"}


def artifact_sha256(step: str) -> Placeholder:
    """The content hash of what `step` produced."""
    return {"placeholder": "artifact_sha256", "of": step}


def ns_id(row: str) -> Placeholder:
    """NetSuite's internal id of the row whose id (and external id) is `row`."""
    return {"placeholder": "ns_id", "of": row}


def is_placeholder(value: object) -> bool:
    """Whether `value` stands for something that is filled in while applying."""
    return isinstance(value, dict) and "placeholder" in value


class Reused(TypedDict):
    """What an item that is not done again came to in the run that did it: its output and its effects."""

    run: str
    output: Any
    effects: list[Effect]


class PlannedItem(TypedDict):
    """What one step (or one item of a looping step) will do. `skipped` says why nothing; then there are no effects.

    `reused`: it was done already, by a run that this one continues.
    """

    step: str
    item: str
    kind: str
    skipped: str
    effects: list[Effect]
    reused: NotRequired[Reused]


Plan = list[PlannedItem]
