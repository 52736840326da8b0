"""The page of a contract and the list: everything the contract says, and how its workflow stands."""

import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.integration.admin.rows import start_new_customer
from tests.planning import released
from workflows_app.admin.contracts.standing import coming, last_runs
from workflows_app.admin.contracts.versions import difference
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.presentation.changes import what_changes

pytestmark = pytest.mark.usefixtures("contracts")
SECTIONS = [
    "0 · Visual flow",
    "1 · Trigger <small>FIRES WHEN…</small>",
    "2 · Inputs required",
    "3 · Context loaded <small>D1 queries run before fan-out</small>",
    "4 · Preconditions <small>checked before any fan-out</small>",
    "5 · HITL gate",
    "7 · Post actions <small>declared + runner-automatic</small>",
    "8 · Verify checks <small>written to workflow_verify_results</small>",
    "9 · Retry policy",
    "10 · What changes when this workflow runs <small>aggregated side effects</small>",
]
LIST = "admin:workflows_app_workflowcontract_changelist"


def active(workflow_type: str) -> WorkflowContract:
    return WorkflowContract.objects.get(workflow_type=workflow_type, active=True)


def page_of(client: Client, row: WorkflowContract, query: str = "") -> str:
    return client.get(reverse("admin:workflows_app_workflowcontract_change", args=[row.pk]) + query).content.decode()


def release_next(tmp_path: Path, workflow_type: str = "new_customer") -> WorkflowContract:
    """Version 3 of a contract: another title, and one line less."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "contracts"
    text = (folder / f"{workflow_type}.v2.yaml").read_text()
    text = text.replace("contract_version: 2", "contract_version: 3").replace("title: ", "title: Better <b>", 1)
    file = tmp_path / f"{workflow_type}.v3.yaml"
    file.write_text(text.replace("  - {check: similar_name, rule: count(similar_by_name) = 0, severity: warn}\n", ""))
    call_command("load_contracts", str(file), stdout=StringIO())
    return active(workflow_type)


@pytest.mark.parametrize(
    "workflow_type",
    ["new_customer", "customer_quote", "customer_invoice_dispute", "ar_aging_action_plan", "anomaly_remediation"],
)
def test_the_page_has_the_picture_and_the_ten_sections_of_the_seeds(console: Client, workflow_type: str) -> None:
    page = page_of(console, active(workflow_type))

    for title in SECTIONS:
        assert f"<h2>{title}</h2>" in page
    assert re.search(r"<h2>6 · Fan-out targets <small>(\d) total · \1 real · 0 stub</small></h2>", page)


def test_every_box_of_the_picture_leads_to_a_place_that_is_there_once(console: Client) -> None:
    for row in WorkflowContract.objects.filter(active=True):
        page = page_of(console, row)

        picture = page[page.index("<svg class=") : page.index("</svg>", page.index("<svg class="))]
        anchors = re.findall(r'<a href="#([^"]+)"', picture)
        assert len(anchors) > 5
        for anchor in anchors:
            assert page.count(f'id="{anchor}"') == 1, (row, anchor)


def test_no_id_stands_twice_on_a_page(console: Client) -> None:
    for row in WorkflowContract.objects.filter(active=True):
        page = page_of(console, row)
        ids = re.findall(r' id="([^"]+)"', page[page.index('id="content-main"') :])

        assert sorted(ids) == sorted(set(ids))


def test_the_schedule_is_told_in_office_time_and_by_the_contracts_own_clock(console: Client) -> None:
    page = page_of(console, active("anomaly_remediation"))

    assert "Every hour at :22, :37 and :52, UTC." in page
    assert re.search(r"<td>\d+ \w{3} \d{4} \d\d:(22|37|52) E[SD]T</td><td>\d+ \w{3} \d{4} \d\d:\1 UTC</td>", page)


def test_the_next_occurrences_follow_the_clock_of_the_contract_through_the_change_of_its_hour() -> None:
    found = coming(released("ar_aging_action_plan.v2"), datetime(2026, 10, 31, 12, tzinfo=UTC), 2)

    assert [due.at for due in found] == [
        datetime(2026, 11, 1, 11, tzinfo=UTC),
        datetime(2026, 11, 2, 11, tzinfo=UTC),
    ]
    assert found[0].there == "1 Nov 2026 06:00 EST"


def test_a_workflow_without_a_schedule_says_how_it_starts(console: Client) -> None:
    page = page_of(console, active("customer_quote"))

    assert "When a quote_draft is approved." in page
    assert "It has no schedule." in page
    assert "It has never run." in page


def test_the_last_runs_are_listed_and_their_success_is_counted(console: Client) -> None:
    for number in range(3):
        start_new_customer(f"School {number}")
    runs = WorkflowRun.objects.order_by("queued_at")
    WorkflowRun.objects.filter(pk=runs[0].pk).update(status="completed")
    WorkflowRun.objects.filter(pk=runs[1].pk).update(status="failed")

    page = page_of(console, active("new_customer"))

    assert "1 of the last 2 that ended completed." in page
    for run in runs:
        assert reverse("admin:workflows_app_workflowrun_change", args=[run.pk]) in page


def test_only_the_last_hundred_runs_are_counted_and_the_newest_eight_shown() -> None:
    row, now = active("new_customer"), timezone.now()
    runs = [
        WorkflowRun(
            id=str(number),
            contract=row,
            workflow_type=row.workflow_type,
            status="completed",
            trigger_key=str(number),
            queued_at=now - timedelta(hours=number),
        )
        for number in range(105)
    ]
    WorkflowRun.objects.bulk_create(runs)

    found = last_runs("new_customer")

    assert found.succeeded == found.ended == 100
    assert [run.pk for run in found.newest] == [str(number) for number in range(8)]


def test_any_two_versions_are_compared_line_by_line(console: Client, tmp_path: Path) -> None:
    new = release_next(tmp_path)

    page = page_of(console, new, "?against=2")

    assert "From v2 to v3" in page
    assert "taken out:</span>   - {check: similar_name" in page
    assert "added:</span> title: Better &lt;b&gt;New customer onboard" in page
    assert "best_sellers" not in page[page.index('id="difference"') : page.index("The YAML as released")]


def test_a_difference_is_told_from_the_other_side_as_well(tmp_path: Path) -> None:
    new = release_next(tmp_path)
    old = WorkflowContract.objects.get(workflow_type="new_customer", contract_version=2)

    there, back = difference(new, "2"), difference(old, "3")

    assert there is not None
    assert back is not None
    gone = [line.text for line in there.lines if line.kind == "gone"]
    assert gone == [line.text for line in back.lines if line.kind == "new"]
    assert len(gone) == 3


@pytest.mark.parametrize("against", ["99", "x", "", "2", "9" * 5000, "²"])
def test_a_version_that_is_not_there_or_the_same_one_has_no_difference(console: Client, against: str) -> None:
    page = page_of(console, active("new_customer"), f"?against={against}")

    assert "cs-diff-" not in page
    assert "Its last runs" in page


def test_an_earlier_version_starts_nothing_and_says_so(console: Client, tmp_path: Path) -> None:
    release_next(tmp_path)
    old = WorkflowContract.objects.get(workflow_type="new_customer", contract_version=2)

    page = page_of(console, old)

    assert "Only the active version can be started." in page
    assert "This version starts nothing" in page


def test_what_changes_names_the_steps_the_gate_and_what_the_runner_always_does() -> None:
    rows = {(row.system, row.resource, row.source) for row in what_changes(released("new_customer.v2"))}

    assert rows >= {
        ("D1", "proposed_actions", "runner HITL gate"),
        ("D1", "workflow_run_log", "runner automatic"),
        ("D1", "reflexion_log", "runner automatic"),
        ("Event", "workflow.completed (or workflow.partial, workflow.failed)", "runner automatic"),
        ("D1", "workflow_verify_results", "runner verify staging"),
        ("D1", "customers", "fan-out #1 (write_d1)"),
        ("NetSuite (via NS_PUSH_QUEUE)", "customer", "fan-out #2 (write_ns)"),
        ("D1", "customer_programs", "fan-out #3 (assign_programs)"),
        ("D1", "proposed_actions", "fan-out #4 (welcome_email)"),
    }


def test_a_workflow_without_a_gate_or_memory_changes_neither() -> None:
    rows = what_changes(released("quote_draft.v1"))

    assert not [row for row in rows if row.source == "runner HITL gate" or row.resource == "reflexion_log"]
    assert {row.status for row in rows} == {"REAL"}


def test_the_page_costs_the_same_however_much_has_run(console: Client) -> None:
    row = active("new_customer")
    start_new_customer("First")
    few = queries(console, reverse("admin:workflows_app_workflowcontract_change", args=[row.pk]))
    for number in range(4):
        start_new_customer(f"School {number}")

    assert queries(console, reverse("admin:workflows_app_workflowcontract_change", args=[row.pk])) == few


def test_the_list_says_how_each_starts_when_next_and_how_it_ran_last(console: Client) -> None:
    run = start_new_customer()
    WorkflowContract.objects.filter(workflow_type="anomaly_remediation").update(paused=True)

    page = console.get(reverse(LIST)).content.decode()

    assert "Every day at 06:00, America/New_York" in page
    assert re.search(r"\d\d:00 E[SD]T", page)
    assert reverse("admin:workflows_app_workflowrun_change", args=[run.pk]) in page
    assert ">paused<" in page
    [paused] = [row for row in page.split("<tr") if ">paused<" in row]
    assert not re.search(r"\d\d:\d\d E[SD]T", paused)


def test_the_list_costs_the_same_with_more_versions_and_runs(console: Client, tmp_path: Path) -> None:
    few = queries(console, reverse(LIST))
    release_next(tmp_path)
    start_new_customer()

    assert queries(console, reverse(LIST)) == few


def queries(client: Client, url: str) -> int:
    """How many statements a page takes, once everything that is read once per process was read."""
    client.get(url)
    with CaptureQueriesContext(connection) as found:
        client.get(url)
    return len(found)


def test_where_one_is_says_the_title_and_no_identifier(console: Client) -> None:
    page = page_of(console, active("customer_quote"))

    assert "Customer quote" in page
    assert "ustomer_quote v2" not in page
