"""`http`: whether one of our own endpoints answers as expected."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.factories import NOW
from workflows_app.checks.kinds.http import HttpCheck, HttpKind
from workflows_app.contracts.catalog import Catalog
from workflows_app.reading.scope import Scope

pytestmark = pytest.mark.django_db


def hello(request: HttpRequest, name: str) -> HttpResponse:
    """A page that is there for one name only, and broken for another."""
    return HttpResponse(status={"lee": 200, "broken": 500}.get(name, 404))


urlpatterns = [path("api/hello/<str:name>", hello)]


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def spec_of(name: str, expect: str = "status = 200") -> dict[str, Any]:
    check = HttpCheck.model_validate(
        {"name": "up", "kind": "http", "window": "10s", "path": "/api/hello/${{ inputs.name }}", "expect": expect}
    )
    return HttpKind().stage(check, Scope(now=NOW, inputs={"name": name}))


def test_an_answer_as_expected_passes() -> None:
    finding = HttpKind().execute(spec_of("lee"), NOW)

    assert (finding.passed, finding.detail) == (True, "/api/hello/lee answered 200")


def test_another_status_does_not_pass() -> None:
    assert not HttpKind().execute(spec_of("lee", "status = 204"), NOW).passed


def test_a_page_that_is_not_there_does_not_pass() -> None:
    assert not HttpKind().execute(spec_of("anybody"), NOW).passed


def test_only_own_endpoints_are_looked_at() -> None:
    check = HttpCheck.model_validate(
        {"name": "up", "kind": "http", "window": "10s", "path": "/admin/", "expect": "status = 200"}
    )

    assert check.problems(None, Catalog(tables={})) == [(("path",), "only own endpoints under /api/ are looked at")]  # type: ignore[arg-type]
