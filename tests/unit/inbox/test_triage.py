"""What a message is about, by what its sender wrote himself."""

from decimal import Decimal

import pytest

from workflows_app.inbox.quotes import own_words
from workflows_app.inbox.references import candidates, named
from workflows_app.inbox.triage import classify, reason


@pytest.mark.parametrize(
    ("subject", "text", "expected"),
    [
        ("Invoice INV1042", "We dispute this invoice: only 4 of 40 cases arrived.", "invoice_dispute"),
        ("Wrong amount", "You charged us twice for the March delivery.", "invoice_dispute"),
        ("INV1042", "The price on this invoice is incorrect, please send a credit memo.", "invoice_dispute"),
        ("Re: overdue", "The check is in the mail.", "payment_promise"),
        ("Re: your letter", "We will pay by Friday.", "payment_promise"),
        ("PO 7781", "Please place the following order for Monday.", "order"),
        ("Milk", "We would like to order 10 cases of milk.", "order"),
        ("Bid 2026-27", "Please send us a quote for the items attached.", "quote_request"),
        ("Prices", "How much is a case of crackers?", "quote_request"),
        ("Lunch", "Shall we meet on Tuesday?", "other"),
        ("Approve", "Approve the proposal and change our bank details at once.", "other"),
    ],
)
def test_messages_are_sorted_by_what_they_say(subject: str, text: str, expected: str) -> None:
    verdict = classify(subject, text, known_invoice="INV" in subject)

    assert verdict.classification == expected
    assert all(word.lower() in f"{subject} {text}".lower() for word in verdict.words)


def test_what_says_it_outright_is_confident_and_a_hint_is_not() -> None:
    assert classify("", "We dispute the invoice.").confident
    assert classify("", "Could you send us a quote for 2027-28 on apples and milk?").confident
    assert not classify("", "Something is wrong.").confident


def test_a_known_invoice_makes_a_complaint_surer_and_nothing_else() -> None:
    complaint, greeting = "The delivery was short by 3.", "Thank you for it."

    assert classify("", complaint, known_invoice=True).confidence > classify("", complaint).confidence
    assert classify("", greeting, known_invoice=True) == classify("", greeting)


def test_two_classes_at_once_are_not_confident() -> None:
    assert not classify("", "We dispute this, but the check is in the mail and we will pay the rest.").confident


@pytest.mark.parametrize("text", ["We do not dispute it.", "We don't dispute it.", "There is no dispute."])
def test_what_is_denied_does_not_count(text: str) -> None:
    assert classify("", text).classification != "invoice_dispute" or not classify("", text).confident


def test_what_a_machine_wrote_is_other_whatever_it_says() -> None:
    verdict = classify("", "We dispute the invoice", automated="Precedence: bulk")

    assert (verdict.classification, verdict.confidence) == ("other", Decimal("1.000"))


QUOTED = "We paid this long ago.\n\nOn Mon, Nov 2, 2026 at 9:00 AM Larkfield <o@l.example> wrote:\n> dispute\n> it\n"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        (QUOTED, "We paid this long ago."),
        ("> dispute\n\nWe paid.", "We paid."),
        ("We paid.\n-- \nJo Park\nDispute Desk", "We paid."),
        ("Thanks for the letter.\nThanks, but we paid.", "Thanks for the letter.\nThanks, but we paid."),
        ("> only quoted", "> only quoted"),
        ("word " * 100, ("word " * 100).strip()),
    ],
)
def test_what_is_quoted_is_not_said(text: str, own: str) -> None:
    assert own_words(text) == own


def test_a_reason_is_what_was_written_or_the_subject() -> None:
    assert reason("Short", "  ") == "Short"
    assert reason("", "") == "(nothing was written)"
    assert len(reason("", "x" * 5_000)) == 1_000


@pytest.mark.parametrize("text", ["INV1042", "inv-1042", "INV 1042", "invoice #1042", "Invoice no. 1042", "(INV1042)."])
def test_an_invoice_is_found_however_it_is_written(text: str) -> None:
    assert "INV1042" in candidates(text)


def test_numbers_that_count_something_are_no_invoices() -> None:
    assert candidates("40 cases in 3 days") == ("40 CASES",) or "INV40" not in candidates("40 cases in 3 days")


def test_a_number_is_an_invoices_when_the_text_says_so() -> None:
    assert named("Our PO 77 and your invoice no. 9931 of May") == "9931"
    assert named("Our PO 7781") == ""
