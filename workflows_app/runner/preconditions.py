"""The preconditions phase: rules that must be TRUE, with what was found in words."""

from typing import Literal, TypedDict

from workflows_app.contracts.expressions import EvaluationError, explain, is_true
from workflows_app.contracts.schema import Contract
from workflows_app.reading.scope import Scope


class CheckResult(TypedDict):
    """The result of one precondition. Anything but TRUE does not pass; `detail` says why in words."""

    check: str
    severity: Literal["block", "warn"]
    passed: bool
    rule: str
    detail: str


def check_preconditions(contract: Contract, scope: Scope) -> list[CheckResult]:
    """Evaluate every precondition, also after one that blocks, so that the card shows them all."""
    return [
        {
            "check": check.check,
            "severity": check.severity,
            "rule": str(check.rule),
            **_outcome(str(check.rule), scope),
        }
        for check in contract.preconditions
    ]


class _Outcome(TypedDict):
    passed: bool
    detail: str


def _outcome(rule: str, scope: Scope) -> _Outcome:
    try:
        passed = is_true(rule, scope)
        return {"passed": passed, "detail": "" if passed else explain(rule, scope)}
    except EvaluationError as error:
        return {"passed": False, "detail": f"could not be evaluated: {error}"}


def blocking(results: list[CheckResult]) -> list[CheckResult]:
    """The results that stop the run."""
    return [result for result in results if not result["passed"] and result["severity"] == "block"]


def worsened(before: list[CheckResult], after: list[CheckResult]) -> list[CheckResult]:
    """Checks that were TRUE and are not any more, warnings included (DESIGN.md section 3), and those that fail for
    another reason now than the one on the card."""
    known = {result["check"]: _standing(result) for result in before}
    return [
        result for result in after if not result["passed"] and known.get(result["check"], "") not in ("", said(result))
    ]


def _standing(result: CheckResult) -> str:
    return "passed" if result["passed"] else said(result)


def said(result: CheckResult) -> str:
    """Why a check did not pass, in words."""
    return result["detail"] or result["rule"]


def in_words(results: list[CheckResult]) -> str:
    """The failed checks as one sentence for a reason or a message."""
    return "; ".join(f"{result['check']} ({said(result)})" for result in results)
