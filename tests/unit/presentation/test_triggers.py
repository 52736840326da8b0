"""When a workflow starts, in words."""

import pytest

from tests.planning import released
from workflows_app.presentation.triggers import cron_words, trigger_words


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 6 * * *", "Every day at 06:00"),
        ("22,37,52 * * * *", "Every hour at :22, :37 and :52"),
        ("*/15 * * * *", "Every 15 minutes"),
        ("* * * * *", "Every minute"),
        ("30 6,18 * * 1-5", "Monday to Friday at 06:30 and 18:30"),
        ("0 9 * * MON,THU", "Every Monday and Thursday at 09:00"),
        ("0 9 * * 7", "Every Sunday at 09:00"),
        ("0 9 1 * *", "On day 1 of the month at 09:00"),
        ("5 * * * 1", "Every Monday every hour at :05"),
        ("0 9 L * *", "Cron 0 9 L * *"),
        ("0 9 * 3 *", "Cron 0 9 * 3 *"),
        ("0 9 1 * 1", "Cron 0 9 1 * 1"),
        ("0 */2 * * *", "Cron 0 */2 * * *"),
        ("0 9 * * MON-XYZ", "Cron 0 9 * * MON-XYZ"),
    ],
)
def test_a_schedule_is_said_in_words_or_stands_as_it_is(cron: str, words: str) -> None:
    assert cron_words(cron) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ar_aging_action_plan.v2", "Every day at 06:00, America/New_York"),
        ("customer_invoice_dispute.v2", "When this is recorded: inbound_email_triage_classification"),
        ("customer_quote.v2", "When a quote_draft is approved"),
        ("new_customer.v2", "By hand: sales_intake_form"),
    ],
)
def test_every_kind_of_trigger_has_its_words(name: str, words: str) -> None:
    assert trigger_words(released(name).trigger) == words
