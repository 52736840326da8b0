"""`http_call`: a call to an endpoint, which may produce an artifact."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from workflows_app.contracts.operations import Sublist
from workflows_app.contracts.schema import Step
from workflows_app.effects.data import Effect, HttpRequest
from workflows_app.steps.base import Change, PlanEnv, StepKind
from workflows_app.steps.letters import artifact_key
from workflows_app.steps.lists import records

# what the call itself says, and what would be read as a part of it.
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "content-type", "host", "idempotency-key", "te",
     "trailer", "transfer-encoding", "upgrade"}
)  # fmt: skip
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"})

SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
SecretReference = Annotated[dict[Literal["secret"], SecretName], Field(min_length=1)]


def _sendable(headers: dict[str, Any]) -> dict[str, Any]:
    """Refuse headers that a contract does not choose, and secrets written down in it."""
    for name, value in headers.items():
        if name.lower() in _OURS or name.lower().startswith("x-countersign"):
            raise PydanticCustomError("header", "{name} is set by the call itself", {"name": name})
        if name.lower() in _SECRET and isinstance(value, str):
            raise PydanticCustomError("header", "{name} takes a reference, such as {{secret: PARTNER}}", {"name": name})
    return headers


HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
Headers = Annotated[dict[HeaderName, str | SecretReference], AfterValidator(_sendable)]


class HttpCall(Step):
    """An own endpoint by its `path`, or a host of `HTTP_HOSTS` by the whole `url`, whose host is written out.

    `headers` of a `url`: text, or `{secret: NAME}`, which is the environment's `HTTP_SECRET_NAME` when it is sent.
    `produces`: where the answer is stored, at most one key (`R2 artifact at <key>`).
    `lists`: lists of the body, one record per element, numbered `line: 1..n`; a record holds only what it names.
    """

    method: Literal["GET", "POST", "PUT"]
    path: Annotated[str, StringConstraints(pattern=r"^/[^/\\]")] | None = None
    url: Annotated[str, StringConstraints(pattern=r"^https?://[a-z0-9.:-]+/")] | None = None
    headers: Headers = {}
    body: dict[str, Any] = {}
    lists: dict[str, Sublist] = {}
    produces: Annotated[tuple[str, ...], Field(max_length=1)] = ()

    @model_validator(mode="after")
    def _one_target(self) -> "HttpCall":
        if (self.path is None) == (self.url is None):
            raise PydanticCustomError("target", "either path, of an own endpoint, or url, of a listed host")
        if self.headers and self.url is None:
            raise PydanticCustomError("headers", "headers are for a url: a call of our own is signed")
        return self

    @property
    def target(self) -> str:
        """The path or the url, as written."""
        return self.path or self.url or ""


class HttpCallKind(StepKind[HttpCall]):
    """The one effect that is not a local transaction: it has an attempt record and an idempotency key."""

    name = "http_call"
    options = HttpCall

    def plan(self, step: HttpCall, env: PlanEnv) -> list[Effect]:
        """One request; its id is the idempotency key."""
        request: HttpRequest = {
            "kind": "http.request",
            "id": env.derive_id("req", "request"),
            "method": step.method,
            "path": env.text(step.target),
            "body": {**env.value(step.body), **{name: records(part, env) for name, part in step.lists.items()}},
            "produces": artifact_key(step.produces[0], env) if step.produces else None,
        }
        if step.headers:
            request["headers"] = env.value(step.headers)
        return [request]

    def describe(self, step: HttpCall) -> Sequence[Change]:
        """The seeds' row: Worker HTTP, method and path, invoke; a far end by its whole address."""
        system = "Worker HTTP" if step.path else "Outside HTTP"
        return [Change(system=system, resource=f"{step.method} {step.target}", action="invoke")]
