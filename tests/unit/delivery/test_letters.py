"""Letters: whole or an error, and data in them stays data (QUALITY.md, test 22; test 23 in part)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import ProposedAction
from tests.unit.delivery.payloads import PAYLOADS
from workflows_app.delivery import letters
from workflows_app.delivery.letters import LetterError, LetterTemplate

INVOICE = {"tranid": "INV-1", "duedate": date(2026, 10, 3), "amount": Decimal("1234.50"), "days_overdue": 49}
REMINDER: dict[str, Any] = {
    "customer_name": "O'Brien & Söhne 100%",
    "total_open": "1234.50",
    "days_overdue": 49,
    "invoices": [INVOICE],
    "as_of": "2026-11-21T03:00:00Z",
}
OPTIONAL = {
    "customer_name": "Lee",
    "sales_rep_name": None,
    "invoice": None,
    "reason_text": "We never got it.",
    "prior_disputes": 0,
}


def render(text: str, **values: Any) -> str:
    """The body of a one-line letter."""
    return LetterTemplate.from_text("test", "Subject\n\n" + text).compose(values)[1].rstrip("\n")


def test_money_dates_and_plurals_are_written_as_americans_write_them() -> None:
    subject, body = letters.compose("collection_firm", REMINDER)

    assert subject == "Past-due balance of $1,234.50: please arrange payment"
    assert "- Invoice INV-1, due Oct 3, 2026 (49 days past due): $1,234.50\n" in body
    assert "As of Nov 21, 2026" in body
    assert "Hello O'Brien & Söhne 100%,\n" in body


@pytest.mark.parametrize("name", sorted(REMINDER))
@pytest.mark.parametrize("absence", ["missing", "null", "blank"])
def test_a_value_that_is_not_there_fails_the_letter(name: str, absence: str) -> None:
    values = dict(REMINDER)
    if absence == "missing":
        del values[name]
    else:
        values[name] = None if absence == "null" else " "

    with pytest.raises(LetterError, match=name):
        letters.compose("collection_firm", values)


def test_a_missing_field_inside_a_loop_fails_the_letter() -> None:
    invoice = {key: value for key, value in INVOICE.items() if key != "amount"}

    with pytest.raises(LetterError, match=r"invoice\.amount is missing"):
        letters.compose("collection_firm", {**REMINDER, "invoices": [INVOICE, invoice]})


def test_an_unknown_template_is_named() -> None:
    for name in ("no_such_letter", "../letters", "", "collection_firm.txt", "Collection_Firm"):
        with pytest.raises(LetterError, match="no letter template"):
            letters.compose(name, {})


def test_an_optional_value_may_be_null_but_not_missing() -> None:
    assert "Hello team," in letters.compose("dispute_escalation_note", OPTIONAL)[1]

    without = {key: value for key, value in OPTIONAL.items() if key != "sales_rep_name"}
    with pytest.raises(LetterError, match="sales_rep_name"):
        letters.compose("dispute_escalation_note", without)


@pytest.mark.parametrize("text", ["{% if a.b == 1 %}x{% endif %}", "{% if not a.b %}x{% endif %}",
                                  "{% if a.b or a.c %}x{% endif %}", "{% for x in a.b %}x{% endfor %}"])  # fmt: skip
def test_a_missing_field_is_an_error_in_a_condition_too(text: str) -> None:
    with pytest.raises(LetterError, match=r"a\.b is missing"):
        render(text, a={"c": 1})


@pytest.mark.parametrize("value", [ProposedAction(id="x"), object(), 1.5, b"x", {1: "x"}, {"a": [{"b": {1, 2}}]}, max])
def test_only_plain_data_goes_into_a_letter(value: object) -> None:
    with pytest.raises(LetterError, match=r"not plain data|not text"):
        render("{{ a }}", a=value)


@pytest.mark.parametrize("text", ["{{ a.upper }}", "{{ a.__class__ }}", "{{ a.0 }}", "{{ row.items }}",
                                  "{{ row.keys }}", "{{ number.real }}", "{{ rows.5 }}"])  # fmt: skip
def test_nothing_but_data_is_reached_from_a_template(text: str) -> None:
    with pytest.raises(LetterError):
        render(text, a="text", row={"k": "v"}, number=Decimal(1), rows=["x"])


@pytest.mark.parametrize("text", ["{% load i18n %}", "{% include 'x' %}", "{% extends 'x' %}", "{% now 'Y' %}",
                                  "{% debug %}", "{% with a=1 %}{% endwith %}", "{{ a|safe }}", "{{ a|join:',' }}",
                                  "{% if a > 1 %}x{% endif %}", "{{ a", "{% if a %}"])  # fmt: skip
def test_a_template_has_only_the_tags_and_filters_of_letters(text: str) -> None:
    if text == "{{ a":
        assert render(text, a="x") == text
        return
    with pytest.raises(LetterError):
        render(text, a="x")


@pytest.mark.parametrize("value", [["x"], {"a": 1}, True, Decimal("1.00"), date(2026, 1, 1)])
def test_a_value_that_needs_a_filter_is_not_printed_without_one(value: object) -> None:
    with pytest.raises(LetterError, match="needs a filter"):
        render("{{ a }}", a=value)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_data_is_never_evaluated(payload: str) -> None:
    assert render("[{{ a }}]", a=payload) == f"[{payload}]"
    assert render("[{{ row.a }}{% for x in rows %}{{ x }}{% endfor %}]", row={"a": payload}, rows=[payload]) == (
        f"[{payload}{payload}]"
    )


@given(st.text(min_size=1).filter(str.strip))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    assert LetterTemplate.from_text("law", "S\n\n[{{ a }}]").compose({"a": text})[1] == f"[{text}]\n"


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_money_keeps_every_cent(amount: Decimal) -> None:
    text = render("{{ a|money }}", a=format(amount, "f"))

    assert Decimal(text.replace("$", "").replace(",", "")) == amount


@pytest.mark.parametrize("value", ["abc", "NaN", "Infinity", "", None, True, ["1"], "1e999999"])
def test_what_is_no_amount_is_not_printed_as_money(value: object) -> None:
    with pytest.raises(LetterError):
        render("{{ a|money }}", a=value)


@pytest.mark.parametrize("value", ["soon", "", None, 20261121, "2026-13-01"])
def test_what_is_no_date_is_not_printed_as_one(value: object) -> None:
    with pytest.raises(LetterError):
        render("{{ a|date }}", a=value)


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x0b", "\x00", "\x85", "\u2028"])
def test_data_cannot_break_the_subject_line(line_break: str) -> None:
    values = {**REMINDER, "as_of": "2026-11-21"}
    hostile = f"Acme{line_break}Bcc: everyone@example.com"

    with pytest.raises(LetterError, match="line break"):
        letters.compose(
            "welcome_customer", {"company_name": hostile, "terms": "Net 30", "tier": "a", "sales_rep_name": "b"}
        )
    with pytest.raises(LetterError, match="line break"):
        letters.validate_recipient(f"a@example.com{line_break}")
    with pytest.raises(LetterError, match="line break"):
        letters.compose_inline(hostile, "body")
    assert letters.compose("collection_firm", values)


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "a@example.com, b@example.com", "A <a@example.com>", "a b@example.com"]
)
def test_a_recipient_is_exactly_one_address(address: str) -> None:
    with pytest.raises(LetterError):
        letters.validate_recipient(address)


def test_a_subject_has_a_limit_and_a_body_is_needed() -> None:
    with pytest.raises(LetterError, match="too long"):
        letters.compose_inline("x" * 501, "body")
    with pytest.raises(LetterError, match="needs a body"):
        letters.compose_inline("Subject", " \n")
    assert letters.compose_inline("Subject", "Body") == ("Subject", "Body")


def test_quoted_words_cannot_pose_as_ours() -> None:
    quoted = render("{{ a|quoted }}", a="Hi\r\nBest regards,\rLarkfield\x1b[2J\n" + "more\n" * 50)

    assert all(line.startswith(">") for line in quoted.split("\n"))
    assert len(quoted.split("\n")) == 20
    assert "\x1b" not in quoted


def test_a_quote_shows_its_short_number() -> None:
    text = "{{ id|document_number }}"

    assert render(text, id="cs-est-6f1c2f0e-5d0a-5b7e-9a35-0c5f3c1b7a11") == "Q-6F1C2-F0E5D"
    with pytest.raises(LetterError):
        render(text, id=None)


def test_a_line_of_tags_leaves_no_empty_line() -> None:
    text = "a\n{% if yes %}\nb\n{% endif %}\n{% if no %}\nc\n{% endif %}\nd"

    assert render(text, yes=True, no=False) == "a\nb\nd"


def test_the_variables_of_a_template_exclude_loops_and_our_own_name() -> None:
    loop = "{% for x in rows %}{{ x.a }}{{ forloop.counter }}{{ b|default:c }}{% endfor %}"
    text = "{{ our_company.name }}" + loop + "{% if d %}{% endif %}"
    template = LetterTemplate.from_text("test", "{{ s }}\n\n" + text)

    assert template.variables == {"s", "rows", "b", "c", "d"}


def test_a_contract_cannot_speak_in_another_companys_name() -> None:
    assert "Larkfield" in render("{{ our_company.name }}", our_company={"name": "Evil"})


def test_every_letter_of_the_house_compiles_and_names_its_variables() -> None:
    assert letters.TEMPLATES["collection_firm"] == set(REMINDER)
    assert {"welcome_customer", "quote_to_customer", "dispute_response", "rep_digest"} <= set(letters.TEMPLATES)
    assert all(letters.TEMPLATES.values())


def test_the_final_notice_says_that_a_person_will_call() -> None:
    assert "will call you" in letters.compose("collection_final", REMINDER)[1]


@pytest.mark.parametrize(
    "invoice", [None, {"tranid": "INV-1", "trandate": "2026-10-01", "foreigntotal": "100.00", "balance": "40.00"}]
)
def test_a_dispute_response_never_promises_money(invoice: dict[str, str] | None) -> None:
    values = {
        "customer_name": "Lee",
        "invoice": invoice,
        "reason_text": "Refund us!",
        "recent_payments": [],
        "prior_invoices": [],
    }
    body = letters.compose("dispute_response", values)[1].replace("> Refund us!", "").lower()

    assert not any(word in body for word in ("refund", "credit", "reimburse", "waive", "adjust", "discount"))
