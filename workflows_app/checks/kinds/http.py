"""`http`: whether one of our own endpoints answers as expected."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from approvals.canonical import canonical, digest, to_json
from workflows_app.checks.base import CheckNotExecutedError, Finding, VerifyKind, frozen_names, holds
from workflows_app.contracts.catalog import Catalog, ColumnKind
from workflows_app.contracts.expressions import render
from workflows_app.contracts.schema import Contract, Expression, VerifyCheck
from workflows_app.delivery import http
from workflows_app.reading.scope import Scope

_FOUND = frozenset({"status"})


class HttpCheck(VerifyCheck):
    """A GET of an own path. `expect` speaks of `status`; an answer that is an error never passes."""

    finds: ClassVar[Mapping[str, ColumnKind]] = {"status": "integer"}

    path: Annotated[str, StringConstraints(pattern=r"^/[^/\\]")]
    expect: Expression

    def problems(self, contract: Contract, catalog: Catalog) -> list[tuple[tuple[str, ...], str]]:
        """Only own endpoints are looked at."""
        return [] if self.path.startswith("/api/") else [(("path",), "only own endpoints under /api/ are looked at")]


class HttpKind(VerifyKind[HttpCheck]):
    """Calls with a service signature, as an `http_call` step does."""

    name = "http"
    options = HttpCheck

    def stage(self, check: HttpCheck, scope: Scope) -> dict[str, Any]:
        """The path of this run."""
        return {
            "path": str(to_json(render(check.path, scope))),
            "expect": str(check.expect),
            "names": frozen_names(check.expect, _FOUND, scope),
        }

    def execute(self, spec: Mapping[str, Any], now: datetime) -> Finding:
        """Ask, and judge the status."""
        key = digest(canonical([spec["path"], now]))
        try:
            answer = http.call("GET", spec["path"], None, idempotency_key=key)
        except http.TransientCallError as error:
            raise CheckNotExecutedError(str(error)) from error
        except http.PermanentCallError as error:
            return Finding(passed=False, detail=str(error))
        passed = holds(spec["expect"], spec["names"], {"status": answer.status}, now)
        return Finding(passed=passed, detail=f"{spec['path']} answered {answer.status}")
