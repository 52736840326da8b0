"""The journey of a new customer through real processes: web, cluster, mail server, browser; and a cluster that dies."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import chromium, log_in
from tests.functional.installation import PASSWORD, Installation, eventually, installed
from tests.functional.stall import Door, door

pytestmark = pytest.mark.once

YEAR = "2033-34"  # no other quote is for it
NAME = "O'Brien & Søn 100% “Fresh”"
EMAIL = "kitchen@obrien.example.org"
PARTS = 6  # main, sentinel, pusher, monitor and two workers
_PLACES = {"sentinel": 1, "pusher": PARTS - 1}  # in the order in which they are started
INPUTS = {"company_name": NAME, "contact_email": EMAIL, "billing_address": "1 Main Street\nTroy, NY 12180"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Everything but the long-running processes."""
    with installed(tmp_path_factory.mktemp("countersign")) as installation:
        yield installation


@pytest.fixture(scope="module")
def way_in(prepared: Installation) -> Iterator[Door]:
    """Steps that call our own endpoints come through here."""
    with door(prepared.site) as way_in:
        yield way_in


@pytest.fixture(scope="module")
def countersign(prepared: Installation, way_in: Door) -> Installation:
    """Web and cluster, running."""
    prepared.environment["SITE_URL"] = f"http://127.0.0.1:{way_in.server_port}"
    prepared.start("web")
    prepared.start("cluster")
    eventually("the login page", prepared.answers)
    eventually("a whole cluster", lambda: len(prepared.parts_of_the_cluster()) == PARTS)
    return prepared


@pytest.fixture
def page(countersign: Installation) -> Iterator[Page]:
    """Mike's browser, logged in."""
    with chromium() as browser:
        page = browser.new_page()
        log_in(page, countersign.site, "mike", PASSWORD)
        yield page


def test_a_new_customer_from_the_command_to_the_letter(countersign: Installation, page: Page) -> None:
    run = countersign.read("start_run", "new_customer", "--input", json.dumps(INPUTS))
    assert run["status"] == "awaiting_approval"

    _open_card(page, countersign, NAME)
    page.get_by_role("button", name="Approve").click()
    eventually("everything is there", lambda: set(_rows(countersign).values()) == {1})

    assert _rows(countersign) == dict.fromkeys(("customer", "profile", "program", "push", "draft"), 1)
    assert countersign.mail.letters == []

    _open_card(page, countersign, "welcome")
    page.get_by_role("button", name="Approve").click()
    eventually("the letter arrived", lambda: countersign.mail.to(EMAIL))
    countersign.manage("deliver")

    assert [letter["To"] for letter in countersign.mail.letters] == [EMAIL]

    countersign.manage("run_verify", "--now", (datetime.now(UTC) + timedelta(minutes=1)).isoformat())
    checks = {check["name"]: check["status"] for check in countersign.read("show_run", run["run_id"])["verify"]}
    assert checks == {"customer_persisted": "pass", "ns_customer_reflects": "pending"}


def _open_card(page: Page, countersign: Installation, text: str) -> None:
    page.goto(f"{countersign.site}/approvals/proposedaction/")
    page.get_by_role("link", name=text).first.click()


def _rows(countersign: Installation) -> dict[str, int]:
    """What approving the customer must bring about, counted."""
    customer = "(SELECT id FROM customers WHERE companyname = %s)"
    queries = {
        "customer": f"SELECT COUNT(*) FROM customers WHERE id = {customer}",
        "profile": f"SELECT COUNT(*) FROM customer_profiles WHERE customer_id = {customer}",
        "program": f"SELECT COUNT(*) FROM customer_programs WHERE status = 'active' AND customer_id = {customer}",
        "push": f"SELECT COUNT(*) FROM ns_pending_pushes WHERE external_id = {customer}",
        "draft": "SELECT COUNT(*) FROM proposed_actions WHERE status = 'pending' AND step = 'welcome_email' "
        "AND customer_name = %s",
    }
    return {name: countersign.database.value(sql, NAME) for name, sql in queries.items()}


def test_a_run_whose_cluster_was_killed_is_finished_by_the_next(countersign: Installation, way_in: Door) -> None:
    way_in.close()
    run_id = _approved_quote(countersign)
    eventually("a worker waits for the PDF", way_in.waiting.is_set)

    before = countersign.parts_of_the_cluster()
    os.killpg(before[0], signal.SIGKILL)
    way_in.open()
    eventually("a new cluster", lambda: _renewed(countersign, before))
    assert countersign.database.value("SELECT status FROM workflow_runs WHERE id = %s", run_id) == "running"
    _let_the_lease_run_out(countersign, run_id)

    eventually("the run is completed", lambda: _status(countersign, run_id) == "completed")
    steps = {step["name"]: (step["status"], step["attempts"]) for step in countersign.read("show_run", run_id)["steps"]}
    assert steps == {
        "write_quote": ("done", 1),
        "render_pdf": ("done", 2),
        "send_email": ("done", 1),
        "ns_push": ("done", 1),
        "ar_forecast_touch": ("done", 1),
    }
    assert countersign.database.value("SELECT COUNT(*) FROM quotes WHERE school_year = %s", YEAR) == 1
    assert countersign.database.value("SELECT COUNT(*) FROM ns_pending_pushes WHERE run_id = %s", run_id) == 1
    assert countersign.database.value("SELECT COUNT(*) FROM workflow_run_log WHERE run_id = %s", run_id) == 1


def test_a_cluster_that_lost_a_part_is_started_anew(countersign: Installation) -> None:
    for part in (0, 1, 2, PARTS - 1):
        before = countersign.parts_of_the_cluster()

        os.kill(before[part], signal.SIGKILL)

        eventually(f"a new cluster after part {part} died", partial(_renewed, countersign, before))


@pytest.mark.parametrize("name", ["sentinel", "pusher"])
def test_a_cluster_that_hangs_is_started_anew_and_goes_on(countersign: Installation, name: str) -> None:
    countersign.environment["CLUSTER_SILENCE_SECONDS"] = "10"
    countersign.stop("cluster")
    countersign.start("cluster")
    eventually("a whole cluster", lambda: len(countersign.parts_of_the_cluster()) == PARTS)
    before, said = countersign.parts_of_the_cluster(), len(countersign.log("cluster"))
    os.kill(before[_PLACES[name]], signal.SIGSTOP)

    countersign.manage("emit_event", "vendor.hangs", "--key", name)

    eventually(f"a new cluster after the {name} was stopped", partial(_renewed, countersign, before))
    # what was stopped may hold the lock of the database: then another part is missed first
    assert " has said nothing for 10 s" in countersign.log("cluster")[said:]
    heard = "SELECT dispatched_at FROM event_ledger WHERE idempotency_key = %s"
    eventually("the event is dispatched", lambda: countersign.database.value(heard, name))


def test_a_cluster_that_ended_is_back(countersign: Installation) -> None:
    before = countersign.parts_of_the_cluster()

    os.kill(before[0], signal.SIGKILL)

    eventually("another main", lambda: _another_main(countersign, before[0]))


def test_a_cluster_that_is_asked_to_stop_leaves_nothing_behind(countersign: Installation) -> None:
    parts = countersign.parts_of_the_cluster()

    assert countersign.stop("cluster") == 0

    assert [pid for pid in parts if Path(f"/proc/{pid}").exists()] == []
    countersign.start("cluster")
    eventually("a whole cluster", lambda: len(countersign.parts_of_the_cluster()) == PARTS)


def _approved_quote(countersign: Installation) -> str:
    """A quote as far as its steps: the draft and the gate are approved; the run."""
    value = countersign.database.value
    customer = value("SELECT id FROM customers WHERE entitystatus = 'active' AND ns_id IS NOT NULL ORDER BY id LIMIT 1")
    items = countersign.database.execute("SELECT item_code FROM spec_items WHERE active ORDER BY item_code LIMIT 3")
    inputs = {"customer_id": customer, "item_codes": [code for (code,) in items], "school_year": YEAR}
    countersign.read("start_run", "quote_draft", "--input", json.dumps(inputs))
    _approve(countersign, "quote_draft")
    _approve(countersign, "workflow_customer_quote")
    return str(value("SELECT id FROM workflow_runs WHERE workflow_type = 'customer_quote'"))


def _approve(countersign: Installation, action_type: str) -> None:
    pending = "SELECT id FROM proposed_actions WHERE status = 'pending' AND action_type = %s"
    eventually(f"{action_type} is proposed", lambda: countersign.database.value(pending, action_type))
    countersign.manage("decide", countersign.database.value(pending, action_type), "approve", "--as", "mike")


def _another_main(countersign: Installation, before: int) -> bool:
    parts = countersign.parts_of_the_cluster()
    return bool(parts) and before not in parts


def _renewed(countersign: Installation, before: list[int]) -> bool:
    """Whether a whole new cluster runs, and nothing of the one before."""
    gone = not any(Path(f"/proc/{pid}").exists() for pid in before)
    return gone and len(countersign.parts_of_the_cluster()) == PARTS


def _let_the_lease_run_out(countersign: Installation, run_id: str) -> None:
    """What takes two minutes and a tick otherwise."""
    countersign.database.execute(
        "UPDATE workflow_runs SET lease_until = %s WHERE id = %s", "2020-01-01 00:00:00+00:00", run_id
    )
    countersign.manage("tick", "--now", (datetime.now(UTC) + timedelta(minutes=1)).isoformat())


def _status(countersign: Installation, run_id: str) -> str:
    return str(countersign.database.value("SELECT status FROM workflow_runs WHERE id = %s", run_id))
