"""What becomes of a submission, in plain words, for whoever handed it in and nobody else."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import ProposedAction
from tests.integration.admin.conftest import browser, person
from tests.integration.admin.intake.submitted import FORM, MINE, decide, hand_in, text, the_run
from tests.integration.admin.rows import start_new_customer
from tests.integration.admin.test_xss import PAYLOADS, executable
from workflows_app.models import Customer, PendingPush, WorkflowRun


def mine(client: Client) -> str:
    """The page with the visitor's own, after its navigation."""
    return text(client, MINE).partition("<h1>My submissions")[2]


def test_nothing_handed_in_says_what_will_stand_here(sales: Client) -> None:
    assert "What you hand in stands here" in mine(sales)


def test_it_waits_and_says_that_nothing_is_entered_before_a_decision(sales: Client) -> None:
    page = text(sales, hand_in(sales).headers["Location"])

    assert "Waiting for a decision" in page
    assert "Nothing is entered before somebody has looked at it" in page
    assert "12 Elm Street" in page
    assert "Waiting for a decision" in mine(sales)


def test_what_was_typed_is_shown_in_the_order_of_the_form_and_by_name(sales: Client) -> None:
    url = hand_in(sales, sales_rep="rep-1", credit_limit="2500").headers["Location"]

    titles = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", text(sales, url))

    assert titles == [
        ("Company name", "Maple Ridge Schools"),
        ("Email address", "food@mapleridge.example"),
        ("Billing address", "12 Elm Street\nMaple Ridge, NY"),
        ("Sales representative", "Bo Lind"),
        ("Credit limit", "2500"),
    ]


def test_a_rejection_comes_with_its_reason_and_a_form_that_is_filled_in(sales: Client, mike: User) -> None:
    hand_in(sales, contact_phone="518 555 0142", terms="Net 15", credit_limit="2,500.50")
    decide(mike, "reject", "They are in <another> county.")

    assert "Mike wrote: They are in &lt;another&gt; county." in mine(sales)
    form = text(sales, FORM, again=the_run().pk)
    assert 'value="Maple Ridge Schools"' in form
    assert 'value="2500.50"' in form
    assert '<option value="Net 15" selected>' in form
    assert "12 Elm Street\nMaple Ridge, NY" in form


def test_an_approved_one_tells_what_is_missing_until_netsuite_has_it(sales: Client, mike: User) -> None:
    hand_in(sales)
    decide(mike, "approve")

    waiting = mine(sales)
    assert Customer.objects.filter(companyname="Maple Ridge Schools").exists()
    assert "Approved, not in NetSuite yet" in waiting
    assert "NetSuite does not have it yet" in waiting
    assert "waits for a decision." in waiting  # the welcome letter

    PendingPush.objects.update(status="applied", ns_id="4711", confirmed_at=timezone.now())
    assert "Created in NetSuite" in mine(sales)
    assert "NetSuite calls it 4711." in mine(sales)


def test_the_page_asks_for_news_until_there_is_none_to_come(sales: Client, mike: User) -> None:
    url = hand_in(sales).headers["Location"]
    assert 'hx-trigger="every 10s"' in text(sales, url)

    decide(mike, "reject", "No.")

    assert 'hx-trigger="every 10s"' not in text(sales, url)


def test_everybody_sees_only_their_own(sales: Client, console: Client) -> None:
    url = hand_in(sales).headers["Location"]
    start_new_customer("Someone elses")
    other = browser(person("ben", "Sales"))

    for client in (other, console):
        assert client.get(url).status_code == 404
        assert "Maple Ridge" not in mine(client)
        assert "Maple Ridge" not in text(client, FORM, again=the_own_run().pk)
    assert "Someone elses" not in mine(sales)


def the_own_run() -> WorkflowRun:
    """The run that came by the form."""
    return WorkflowRun.objects.get(trigger_key__contains=":intake:")


def test_an_account_whose_number_begins_the_same_is_somebody_else(sales: Client) -> None:
    hand_in(sales)
    run, anna = the_run(), User.objects.get(username="anna")
    WorkflowRun.objects.update(trigger_key=run.trigger_key.replace(f":{anna.pk}:", f":{anna.pk}0:"))

    assert "Maple Ridge" not in mine(sales)


@pytest.mark.parametrize("run_id", ["made-up", "a" * 200, "' OR 1=1"])
def test_an_unknown_submission_is_not_found(sales: Client, run_id: str) -> None:
    assert sales.get(f"/intake/submission/{run_id}/").status_code == 404
    assert sales.get(FORM, {"again": run_id}).status_code == 200


def test_pages_follow_one_another(sales: Client) -> None:
    for number in range(21):
        hand_in(sales, company_name=f"Place number {number}x", contact_email=f"{number}@example.com")

    assert "number 0x" not in mine(sales)
    assert 'href="?page=2" rel="next"' in mine(sales)
    assert "number 0x" in text(sales, MINE, page="2")
    for page in ("0", "-1", "x", "99999999999", "500"):
        assert sales.get(MINE, {"page": page}).status_code == 200


def test_the_list_takes_the_same_queries_for_any_number_of_submissions(sales: Client, mike: User) -> None:
    def queries(number: int) -> int:
        hand_in(sales, company_name=f"Place {number}", contact_email=f"{number}@example.com")
        ProposedAction.objects.update(title="A card")
        with CaptureQueriesContext(connection) as captured:
            assert mine(sales).count("<h2>") == number
        return len(captured)

    hand_in(sales, company_name="Place 1", contact_email="1@example.com")
    mine(sales)

    counts = [queries(number) for number in range(1, 5)]

    assert len(set(counts)) == 1
    assert counts[0] < 20


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by what is stored")
def test_ones_own_are_found_by_an_index(sales: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        mine(sales)
    (sql,) = [each["sql"] for each in captured if ' FROM "workflow_runs"' in each["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = [row[3] for row in cursor.fetchall()]

    assert plan[0].startswith("SEARCH workflow_runs USING INDEX")
    assert "trigger_key>? AND trigger_key<?" in plan[0]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_was_handed_in_is_shown_as_text(sales: Client, payload: str) -> None:
    url = hand_in(sales, company_name=f"Maple {payload}", billing_address=payload).headers["Location"]

    for page in (text(sales, url), text(sales, MINE), text(sales, FORM, again=the_run().pk)):
        assert executable(page) == []
