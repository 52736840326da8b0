"""`http_call`: a call to an endpoint, which may produce an artifact."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from workflows_app.contracts.operations import Sublist
from workflows_app.contracts.schema import Step
from workflows_app.effects.data import Effect
from workflows_app.steps.base import Change, PlanEnv, StepKind
from workflows_app.steps.letters import artifact_key
from workflows_app.steps.lists import records


class HttpCall(Step):
    """An own endpoint by its path. `produces`: where the answer is stored, at most one key (`R2 artifact at <key>`).

    `lists`: lists of the body, one record per element, numbered `line: 1..n`; a record holds only what it names.
    """

    method: Literal["GET", "POST", "PUT"]
    path: Annotated[str, StringConstraints(pattern=r"^/[^/\\]")]
    body: dict[str, Any] = {}
    lists: dict[str, Sublist] = {}
    produces: Annotated[tuple[str, ...], Field(max_length=1)] = ()


class HttpCallKind(StepKind[HttpCall]):
    """The one effect that is not a local transaction: it has an attempt record and an idempotency key."""

    name = "http_call"
    options = HttpCall

    def plan(self, step: HttpCall, env: PlanEnv) -> list[Effect]:
        """One request; its id is the idempotency key."""
        return [
            {
                "kind": "http.request",
                "id": env.derive_id("req", "request"),
                "method": step.method,
                "path": env.text(step.path),
                "body": {**env.value(step.body), **{name: records(part, env) for name, part in step.lists.items()}},
                "produces": artifact_key(step.produces[0], env) if step.produces else None,
            }
        ]

    def describe(self, step: HttpCall) -> Sequence[Change]:
        """The seeds' row: Worker HTTP, method and path, invoke."""
        return [Change(system="Worker HTTP", resource=f"{step.method} {step.path}", action="invoke")]
