"""What the inbox is narrowed to. It travels in the address, so that a link, "more" and the next one keep it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from approvals.models import ProposedAction
from workflows_app.admin import access
from workflows_app.admin.inbox.narrowing import of_customer, of_workflow

_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Empty texts narrow nothing. `kind`: an action type; `q`: a part of the customer's name; `mine`: `1` or empty."""

    workflow: str = ""
    kind: str = ""
    risk: str = ""
    q: str = ""
    mine: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "Filters":
        """From the query of an address; what is unknown is left out."""
        typed = {name: asked.get(name, "").strip()[:_LONGEST].replace("\0", "") for name in cls.__annotations__}
        return cls(**typed)

    @property
    def query(self) -> str:
        """As the query of an address, without what is empty."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def any(self) -> bool:
        """Whether anything is narrowed."""
        return bool(self.query)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the search is."""
        return bool(self.workflow or self.kind or self.risk or self.mine)

    def narrow(self, rows: QuerySet[ProposedAction], visitor: access.Visitor) -> QuerySet[ProposedAction]:
        """Those rows that fit."""
        if self.workflow:
            rows = rows.filter(of_workflow(self.workflow))
        if self.kind:
            # By an expression: by the column, SQLite would take an index that has what was decided as well.
            rows = rows.alias(kind=Coalesce("action_type", Value(""))).filter(kind=self.kind)
        if self.risk:
            rows = rows.filter(risk_level=int(self.risk)) if self.risk in _RISKS else rows.none()
        if self.q:
            rows = rows.filter(of_customer(self.q))
        # Whoever may decide may decide everything that waits: DESIGN.md knows one approver and no other assignment.
        return rows.none() if self.mine and access.decide_refusal(visitor) else rows


_RISKS = frozenset("12345")
