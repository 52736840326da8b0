"""Makes an `http.request` and keeps what it produced; called outside any transaction."""

from typing import Any

from approvals.canonical import canonical, digest
from workflows_app.delivery import artifacts, http
from workflows_app.effects.data import HttpRequest
from workflows_app.effects.errors import EffectError, permanent, transient


def make(request: HttpRequest) -> dict[str, Any] | EffectError:
    """The step's output (`status`; `artifact` with key, sha256 and size when there is one), or why there is none."""
    try:
        response = http.call(
            request["method"], request["path"], request["body"], idempotency_key=digest(canonical(request))
        )
    except http.TransientCallError as error:
        return transient(str(error))
    except http.PermanentCallError as error:
        return permanent(str(error))
    output: dict[str, Any] = {"status": response.status}
    if request["produces"]:
        artifact = artifacts.store(request["produces"], response.content)
        output["artifact"] = {"key": artifact.key, "sha256": artifact.sha256, "size": artifact.size}
    return output
