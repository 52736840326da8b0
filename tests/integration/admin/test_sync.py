"""The sync's page: a button for those who may decide, and passes that can be read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from workflows_app.models import SyncLog
from workflows_app.netsuite.sync.kinds import CHANGES, HOT

LIST = "admin:workflows_app_synclog_changelist"


def asked_for() -> list[tuple[str, tuple[str, ...]]]:
    """What workers are asked to do."""
    return [(row.func(), row.args()) for row in OrmQ.objects.order_by("id")]


def test_mike_asks_for_a_pass_with_one_click(console: Client) -> None:
    assert b"Read NetSuite now" in console.get(reverse(LIST)).content

    response = console.post(reverse("admin:sync_now"), follow=True)

    assert b"Asked for" in response.content
    assert asked_for() == [("workflows_app.tasks.sync", (CHANGES,)), ("workflows_app.tasks.sync", (HOT,))]


def test_looking_asks_for_nothing(console: Client) -> None:
    assert console.get(reverse("admin:sync_now")).status_code == 405
    assert asked_for() == []


def test_who_may_not_decide_has_no_button(viewer: Client) -> None:
    assert b"Read NetSuite now" not in viewer.get(reverse(LIST)).content
    assert viewer.post(reverse("admin:sync_now")).status_code == 403
    assert asked_for() == []


@pytest.mark.parametrize(
    ("minutes", "shown"), [(5, b"transactions, page 7"), (-5, b"interrupted"), (99999, b"interrupted")]
)
def test_a_pass_shows_how_far_it_is_and_whether_it_still_goes(console: Client, minutes: int, shown: bytes) -> None:
    now = timezone.now()
    SyncLog.objects.create(
        sync_type=CHANGES, status="running", started_at=now - timedelta(seconds=75), progress_at=now,
        stage="transactions", pages=7, lease_owner="x", lease_until=now + timedelta(minutes=minutes),
    )  # fmt: skip

    content = console.get(reverse(LIST)).content

    assert shown in content
    assert "1\N{NO-BREAK SPACE}min\N{NO-BREAK SPACE}15\N{NO-BREAK SPACE}s" in content.decode()
    assert b"Everything that changed" in content


def test_a_failed_pass_shows_netsuites_own_words(console: Client) -> None:
    row = SyncLog.objects.create(
        sync_type=HOT, status="failed", started_at=timezone.now(), error="POST suiteql: 429 <busy>"
    )

    content = console.get(reverse("admin:workflows_app_synclog_change", args=[row.pk])).content

    assert b"429 &lt;busy&gt;" in content
