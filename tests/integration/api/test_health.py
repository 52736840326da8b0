"""`/healthz`: small answers for anybody, without details."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from approvals.clock import database_now
from workflows_app.api import health
from workflows_app.triggers.silence import ended_well

pytestmark = pytest.mark.django_db
ADDRESSES = ["/healthz", "/healthz/scheduler"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_all_is_well(client: Client, address: str) -> None:
    for name in ("tick", "deliver", "run_verify"):
        ended_well(name, database_now())

    answer = client.get(address)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer["Cache-Control"] == "no-store"


def test_a_silent_scheduler_takes_no_web_process_out_of_service(client: Client) -> None:
    ended_well("tick", database_now() - timedelta(hours=1))

    assert client.get("/healthz").status_code == 200
    answer = client.get("/healthz/scheduler")
    assert (answer.status_code, answer.json()) == (503, {"status": "unwell"})


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_database_that_is_away_is_503_without_a_word_about_it(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("password authentication failed for user countersign")

    monkeypatch.setattr(health, "database_now", away)

    answer = client.get(address)

    assert (answer.status_code, answer.json()) == (503, {"status": "unwell"})


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_post_is_refused(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
