"""`artifact`: whether a file is in the artifact store."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from approvals.canonical import to_json
from workflows_app.checks.base import CheckNotExecutedError, Finding, VerifyKind
from workflows_app.contracts.expressions import render
from workflows_app.contracts.schema import VerifyCheck
from workflows_app.delivery import artifacts
from workflows_app.reading.scope import Scope


class ArtifactCheck(VerifyCheck):
    """A key of the store, and whether something must be there."""

    key: str
    expect: Literal["present", "absent"]


class ArtifactKind(VerifyKind[ArtifactCheck]):
    """Asks the store, whichever it is."""

    name = "artifact"
    options = ArtifactCheck

    def stage(self, check: ArtifactCheck, scope: Scope) -> dict[str, Any]:
        """The key of this run."""
        return {"key": str(to_json(render(check.key, scope))), "expect": check.expect}

    def execute(self, spec: Mapping[str, Any], now: datetime) -> Finding:
        """Look whether it is there."""
        try:
            found = artifacts.exists(spec["key"])
        except (artifacts.ArtifactError, OSError) as error:
            raise CheckNotExecutedError(f"{spec['key']}: {error}") from error
        detail = f"{spec['key']} is {'present' if found else 'absent'}"
        return Finding(passed=found == (spec["expect"] == "present"), detail=detail)
