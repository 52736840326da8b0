"""Loading the demo company on any day: the scan finds what was planted, and the situations stay what they are."""

import json
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max, Sum

from workflows_app import models
from workflows_app.management.demo_data import FOLDER, load_demo_data
from workflows_app.providers.findings import school_year_of
from workflows_app.providers.registry import PROVIDERS
from workflows_app.reading.scope import Scope

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ANSWERS = json.loads((FOLDER / "known_answers.json").read_text(encoding="utf-8"))
# the turn of the school year, a Sunday after the turn of the calendar year, a Monday that is nearly a leap day
DAYS = ["2026-06-30", "2026-07-01", "2027-01-03", "2028-02-28"]


def _noon(day):
    return datetime.fromisoformat(f"{day}T12:00+00:00")


def _scan(moment):
    return PROVIDERS["anomaly_scan"].load(Scope(now=moment), {}, [])


def _named(rows):
    return sorted((row["kind"], row["entity_type"], row["entity_id"]) for row in rows)


@pytest.mark.parametrize("day", DAYS)
def test_whenever_it_is_loaded_it_fits_its_day(day):
    moment = _noon(day)

    load_demo_data(moment)

    assert _named(_scan(moment)) == _named(ANSWERS["anomalies"])
    _assert_two_school_years_and_no_future(moment)
    _assert_every_bucket_and_one_service_hold()


def _assert_two_school_years_and_no_future(moment):
    today = moment.date()
    years = set(models.PricingMaster.objects.values_list("school_year", flat=True))
    assert years == {school_year_of(today), school_year_of(today - timedelta(days=365))}
    assert not models.Transaction.objects.filter(trandate__gt=today).exists()
    assert not models.Transaction.objects.filter(lastmodifieddate__gt=moment).exists()
    assert not models.CustomerPayment.objects.filter(payment_date__gt=today).exists()
    assert not models.PricingMaster.objects.filter(effective_from__gt=today).exists()
    assert not models.InboundEmail.objects.filter(received_at__gt=moment).exists()


def _assert_every_bucket_and_one_service_hold():
    rows = models.ArAging.objects.filter(days_overdue__gt=0).values("customer_id")
    owed = {row["customer_id"]: row for row in rows.annotate(total=Sum("amount"), oldest=Max("days_overdue"))}
    small, young = (owed[ANSWERS["scenarios"][name]] for name in ("over_90_below_25000", "below_90_over_25000"))
    assert set(models.ArAging.objects.values_list("bucket", flat=True)) == {
        "current", "1-30", "31-60", "61-90", "over 90",
    }  # fmt: skip
    assert [key for key, row in owed.items() if row["oldest"] > 90 and row["total"] > 25_000] == [
        ANSWERS["scenarios"]["over_90_over_25000"]
    ]
    assert small["oldest"] > 90
    assert young["total"] > 25_000


@pytest.mark.parametrize("day", DAYS[1:3])
def test_without_anomalies_the_scan_finds_nothing(day):
    load_demo_data(_noon(day), without_anomalies=True)

    assert _scan(_noon(day)) == []


def test_the_command_loads_into_an_empty_database_only():
    first, second = StringIO(), StringIO()

    call_command("load_demo", anchor="2026-11-18", stdout=first)
    before = models.Transaction.objects.count()
    call_command("load_demo", stdout=second)

    assert "as of 2026-11-18" in first.getvalue()
    assert second.getvalue() == "There are customers in the database already: nothing was loaded.\n"
    assert models.Transaction.objects.count() == before


def test_an_anchor_that_is_no_date_is_bad_use():
    with pytest.raises(CommandError, match="'tomorrow' is not a date such as 2026-09-14") as refused:
        call_command("load_demo", anchor="tomorrow")

    assert refused.value.returncode == 2
    assert not models.Customer.objects.exists()
