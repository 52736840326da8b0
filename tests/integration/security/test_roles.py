"""QUALITY.md test 15 for the console: whoever may not decide is refused at every address, whatever he posts."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from approvals.models import Decision, ProposedAction
from tests.integration.admin.rows import fill_every_table, leaf, letter, stage
from tests.integration.admin.test_get_safety import fingerprint
from tests.integration.security.conftest import person
from tests.integration.security.test_posts import EVERY
from tests.world import load_contracts
from workflows_app.models import WorkflowRun

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SALES_MAY = ("/intake/", "/account/", "/login/", "/logout/", "/password_change/", "/jsi18n/", "/favicon.ico",
             "/healthz", "/api/")  # fmt: skip


@pytest.fixture
def proposal(mike: User) -> ProposedAction:
    load_contracts()
    fill_every_table()
    return stage(leaf(letter()))


WHO = [
    pytest.param("Viewers", {}, id="viewer"),
    pytest.param("Sales", {}, id="sales"),
    pytest.param("Machines", {}, id="machine"),
    pytest.param("", {"is_superuser": True}, id="superuser"),
]


@pytest.mark.parametrize(("group", "options"), WHO)
def test_no_address_decides_for_somebody_without_the_right(
    proposal: ProposedAction, client: Client, group: str, options: dict[str, bool]
) -> None:
    client.force_login(person("eve", group, **options))
    decided, ran = Decision.objects.count(), WorkflowRun.objects.count()
    fields = {"verdict": "approve", "digest": proposal.digest, "reason": "because", "ids": proposal.pk,
              "chosen": proposal.pk, "proposal": proposal.pk, "on": "yes"}  # fmt: skip

    for path in {path.replace("/1/", f"/{proposal.pk}/") for path in EVERY}:
        if not path.startswith("/logout/"):
            client.post(path, fields)

    proposal.refresh_from_db()
    assert proposal.status == "pending"
    assert (Decision.objects.count(), WorkflowRun.objects.count()) == (decided, ran)


def test_a_machine_among_the_approvers_decides_nothing_either(proposal: ProposedAction, client: Client) -> None:
    robot = person("robot", "Approvers")
    robot.groups.add(*robot.groups.model.objects.filter(name="Machines"))
    client.force_login(robot)

    client.post(reverse("admin:proposal_decide", args=[proposal.pk]), {"verdict": "approve", "digest": proposal.digest})

    proposal.refresh_from_db()
    assert proposal.status == "pending"


def test_viewers_change_no_row_at_any_address(proposal: ProposedAction, client: Client) -> None:
    client.force_login(person("vera", "Viewers"))
    before = _ours(fingerprint())

    for path in EVERY:
        if not path.startswith(("/logout/", "/account/", "/password_change/")):
            client.post(path, {"on": "yes", "reason": "x"})

    assert _ours(fingerprint()) == before


def test_viewers_see_every_table_of_ours(proposal: ProposedAction, client: Client) -> None:
    client.force_login(person("vera", "Viewers"))
    lists = [path for path in EVERY if path.count("/") == 3 and path.startswith(("/approvals/", "/workflows_app/"))]

    assert len(lists) > 30
    assert {path for path in lists if client.get(path).status_code != 200} == set()


def test_sales_opens_nothing_but_the_intake(proposal: ProposedAction, client: Client) -> None:
    client.force_login(person("anna", "Sales"))

    opened = {path for path in EVERY if client.get(path).status_code == 200 and not path.startswith(SALES_MAY)}

    assert opened <= {"/", "/search/"}  # the search of unfold finds only what the visitor may see
    assert client.get("/intake/").status_code == 200


def _ours(rows: dict[str, str]) -> dict[str, str]:
    return {
        table: hash_ for table, hash_ in rows.items() if table.startswith(("approvals.", "workflows_app.", "auth."))
    }
