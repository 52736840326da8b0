"""Makes an `http.request` and keeps what it produced; called outside any transaction."""

import logging
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError

from approvals.canonical import canonical, digest
from workflows_app.delivery import artifacts, http
from workflows_app.effects.data import HttpRequest
from workflows_app.effects.errors import EffectError, permanent, transient

logger = logging.getLogger(__name__)


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
    except OperationalError as error:  # the call is signed with the database's clock
        return transient(f"the database: {error}")
    except Exception as error:
        logger.exception("a call broke off: %s", request["path"])
        return permanent(f"{type(error).__name__}: {error}")
    output: dict[str, Any] = {"status": response.status}
    if not request["produces"]:
        return output
    artifact = _store(request["produces"], response.content)
    return artifact if isinstance(artifact, EffectError) else {**output, "artifact": artifact}


def _store(key: str, content: bytes) -> dict[str, Any] | EffectError:
    """What was stored, or why nothing was. An object store has errors of its own; trying again may mend them."""
    try:
        artifact = artifacts.store(key, content)
    except (artifacts.ArtifactError, SuspiciousOperation) as error:
        return permanent(f"what was produced cannot be stored: {error}")
    except Exception as error:
        logger.exception("the artifact store failed: %s", key)
        return transient(f"the artifact store failed: {type(error).__name__}: {error}")
    return {"key": artifact.key, "sha256": artifact.sha256, "size": artifact.size}
