"""A catalog for loader tests: the real tables, and kinds as the registries have them but without their planning."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from workflows_app.contracts.catalog import Catalog, Column, ColumnKind, ProviderSpec
from workflows_app.contracts.schema import (
    Contract,
    Expression,
    Letter,
    OperationItem,
    Proposal,
    Push,
    Step,
    Strict,
    VerifyCheck,
)
from workflows_app.models.catalog import tables


class D1Write(Step):
    """Row operations."""

    operations: tuple[OperationItem, ...]


class Attach(Strict):
    """The file that a step produces."""

    step: str
    name: str


class EmailDraft(Step, Letter):
    """A letter that waits for a decision."""

    tool: Literal["propose_email_to_customer", "send_quote_to_customer"]
    attach: tuple[Attach, ...] = ()
    recheck: tuple[Expression, ...] = ()


class HttpCall(Step):
    """A call."""

    method: Literal["GET", "POST"]
    path: str
    body: dict[str, Any] = {}
    produces: tuple[str, ...] = ()


class NsPush(Step, Push):
    """A push."""


class StageProposedAction(Step, Proposal):
    """A proposal."""


class Picky(Step):
    """A kind with a rule of its own."""

    colour: str

    def problems(self, contract: Contract, catalog: Catalog) -> Iterable[tuple[tuple[str | int, ...], str]]:
        """Only one colour will do."""
        if self.colour != "green":
            yield ("colour",), f"{self.colour} is not green, says {contract.workflow_type}"


class SqlCheck(VerifyCheck):
    """A query and what is expected of it."""

    sql: str
    params: tuple[Expression, ...] = ()
    expect: Expression


class ArtifactCheck(VerifyCheck):
    """A stored file."""

    key: str
    expect: Literal["present", "absent"]


class HttpCheck(VerifyCheck):
    """An answer."""

    finds: ClassVar[Mapping[str, ColumnKind]] = {"status": "integer"}

    path: str
    expect: Expression


CATALOG = Catalog(
    tables=tables(),
    step_kinds={
        "d1_write": D1Write,
        "hitl_email_draft": EmailDraft,
        "http_call": HttpCall,
        "ns_push": NsPush,
        "picky": Picky,
        "stage_proposed_action": StageProposedAction,
    },
    verify_kinds={"sql": SqlCheck, "artifact": ArtifactCheck, "http": HttpCheck},
    providers={
        "quote_pricing": ProviderSpec(
            name="quote_pricing",
            params=("customer_id", "item_codes", "school_year", "quote_id"),
            columns={"item_code": Column(kind="text"), "margin_pct": Column(kind="decimal", scale=2, nullable=True)},
            key="item_code",
        )
    },
    templates={"item_discontinued": frozenset({"item", "replacement"})},
)
