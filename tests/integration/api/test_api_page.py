"""The Python of docs/api.md does what the page says."""

import re
from pathlib import Path
from typing import Any

import pytest

from approvals.canonical import canonical
from tests.integration.api.calling import SECRET, post, source
from tests.integration.delivery.subscribers import Endpoint, happened, subscriber
from workflows_app.delivery.webhooks import deliver_webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PAGE = (Path(__file__).parents[3] / "docs/api.md").read_text(encoding="utf-8")


def snippet(name: str) -> Any:
    """A function of the page."""
    [text] = [text for text in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if f"def {name}(" in text]
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102
    return names[name]


def test_what_the_page_signs_is_taken() -> None:
    source()
    body = canonical({"type": "order.placed", "data": {}})

    head = snippet("headers_for")(SECRET, "msg_1", body)
    del head["Content-Type"]

    assert post("/api/events?source=vendor", body.encode(), head).status_code == 201


def test_what_we_send_is_verified_as_the_page_says_and_done_once() -> None:
    subscriber()
    happened()
    endpoint = Endpoint()
    deliver_webhooks(through=endpoint)
    [call] = endpoint.heard
    head, seen = {name: str(value) for name, value in call.headers.items()}, set[str]()
    received = snippet("received")

    assert received(SECRET, head, call.body, seen)["data"]["run_id"] == "1"
    assert received(SECRET, head, call.body, seen) is None
    assert received(SECRET, head, call.body + b" ", set()) is None
    assert received(SECRET, head | {"webhook-signature": "v1,é"}, call.body, set()) is None
