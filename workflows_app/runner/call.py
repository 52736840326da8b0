"""Makes an `http.request` and keeps what it produced; called outside any transaction.

While it lasts nobody renews the lease of its run. The request is over well before the lease is (`delivery/http.py`),
but nothing limits how long the store takes, such as a shared folder that hangs: then another worker takes the run over
and makes the call again, with the same key, and what comes of the slow one is not recorded. After three of them in a
row the run has failed. So a call that took longer than its lease says so in the log.
"""

import logging
import time
from typing import Any

from django.core.exceptions import SuspiciousOperation

from approvals.canonical import canonical, digest
from approvals.passing import PASSING
from workflows_app.delivery import artifacts, http
from workflows_app.effects.data import HttpRequest
from workflows_app.effects.errors import EffectError, permanent, transient
from workflows_app.models.ahead import lease

logger = logging.getLogger(__name__)


def make(request: HttpRequest) -> dict[str, Any] | EffectError:
    """The step's output (`status`; `artifact` with key, sha256 and size when there is one), or why there is none."""
    began = time.monotonic()
    output = _made(request)
    seconds, most = time.monotonic() - began, lease().total_seconds()
    if seconds > most:
        logger.warning("%s and its file took %.0f s; LEASE_SECONDS is %.0f", request["path"], seconds, most)
    return output


def _made(request: HttpRequest) -> dict[str, Any] | EffectError:
    try:
        response = http.call(
            request["method"],
            request["path"],
            request["body"],
            idempotency_key=digest(canonical(request)),
            headers=request.get("headers"),
        )
    except http.TransientCallError as error:
        return transient(str(error))
    except http.PermanentCallError as error:
        return permanent(str(error))
    except PASSING as error:  # the call is signed with the database's clock
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
