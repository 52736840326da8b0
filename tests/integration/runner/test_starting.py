"""A cluster that starts does not wait for its schedules, which django-q2 looks at half a minute later."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from workflows_app.models import Heartbeat
from workflows_app.models.heartbeat import STARTED
from workflows_app.runner.enqueue import Queue

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def rung() -> list[str]:
    """What was asked for, to be done at once, since the last look."""
    found = [row.task["func"].removeprefix("workflows_app.tasks.") for row in OrmQ.objects.order_by("pk")]
    assert not OrmQ.objects.filter(lock__gt=timezone.now()).exists()
    OrmQ.objects.all().delete()
    return found


def start() -> None:
    """What the sentinel does before it starts its workers."""
    assert Queue().ping()


def test_a_cluster_that_starts_rings_for_a_pass_and_for_what_waits_to_leave() -> None:
    start()

    assert rung() == ["tick", "deliver"]


def test_clusters_that_start_together_ring_once() -> None:
    start()
    start()

    assert rung() == ["tick", "deliver"]


@pytest.mark.parametrize(("ago", "rings"), [(25, False), (31, True), (-3600, True)])
def test_one_that_is_started_again_and_again_rings_twice_a_minute(ago: int, rings: bool) -> None:
    Heartbeat.objects.create(name=STARTED, at=timezone.now() - ago * SECOND)

    start()

    assert bool(rung()) == rings
