"""`artifact`: whether a file is in the store."""

from typing import Any

import pytest

from tests.planning import NOW
from workflows_app.checks.base import CheckNotExecutedError
from workflows_app.checks.kinds.artifact import ArtifactCheck, ArtifactKind
from workflows_app.delivery import artifacts
from workflows_app.reading.scope import Scope


def spec_of(expect: str = "present", key: str = "quotes/${{ steps.write.quote.id }}.pdf") -> Any:
    check = ArtifactCheck.model_validate(
        {"name": "stored", "kind": "artifact", "window": "10s", "key": key, "expect": expect}
    )
    return ArtifactKind().stage(check, Scope(now=NOW, steps={"write": {"quote": {"id": "cs-est-1"}}}))


def test_the_key_is_resolved_when_the_run_ends() -> None:
    assert spec_of() == {"key": "quotes/cs-est-1.pdf", "expect": "present"}


@pytest.mark.parametrize(("expect", "passed"), [("present", False), ("absent", True)])
def test_nothing_there(expect: str, passed: bool) -> None:
    finding = ArtifactKind().execute(spec_of(expect), NOW)

    assert (finding.passed, finding.detail) == (passed, "quotes/cs-est-1.pdf is absent")


@pytest.mark.parametrize(("expect", "passed"), [("present", True), ("absent", False)])
def test_something_there(expect: str, passed: bool) -> None:
    artifacts.store("quotes/cs-est-1.pdf", b"%PDF")

    assert ArtifactKind().execute(spec_of(expect), NOW).passed is passed


def test_a_key_that_is_not_allowed_is_not_looked_up() -> None:
    with pytest.raises(CheckNotExecutedError):
        ArtifactKind().execute(spec_of(key="../secret"), NOW)
