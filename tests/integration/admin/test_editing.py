"""Edit and approve: what was typed becomes an edit, and a new card with the difference."""

from django.test import Client
from django.urls import reverse

from approvals.canonical import parse
from approvals.models import Decision, ProposalStatus, ProposedAction
from tests import factories
from tests.integration.admin.rows import gate_of, leaf, letter, stage, start_new_customer, start_quote
from workflows_app.admin.proposals.editing import EditField, edit_fields


def field_of(proposal: ProposedAction, name: str) -> EditField:
    return next(field for field in edit_fields(proposal) if field.field == name)


def ticks_of(proposal: ProposedAction) -> dict[str, str]:
    """What a browser sends for the ticks that nobody touched."""
    return {field.name: "on" for field in edit_fields(proposal) if field.control == "tick" and field.value}


def post(client: Client, proposal: ProposedAction, **typed: str) -> tuple[int, str]:
    """POST the edit form; the status and the page that follows."""
    url = reverse("admin:proposal_edit", args=[proposal.pk])
    response = client.post(url, {"digest": proposal.digest, **typed}, follow=True)
    return response.status_code, response.content.decode()


def test_an_edited_letter_of_a_gate_becomes_a_new_card_with_the_edit(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())
    subject = field_of(gate, "subject")

    status, page = post(console, gate, **{subject.name: "Welcome, dear Maple Ridge"})

    newer = ProposedAction.objects.get(supersedes=gate)
    assert status == 200
    assert "Edited by hand" in page
    assert "Welcome, dear Maple Ridge" in page
    assert parse(newer.edits) == [{"item": subject.items[0], "field": "subject", "value": "Welcome, dear Maple Ridge"}]
    assert (ProposedAction.objects.get(pk=gate.pk).status, newer.status) == ("superseded", "pending")
    assert Decision.objects.get().verdict == "edit"


def test_line_breaks_of_a_browser_are_no_edit(console: Client) -> None:
    proposal = stage(leaf(letter()))
    body = field_of(proposal, "body")

    _status, page = post(console, proposal, **{body.name: body.value.replace("\n", "\r\n")})

    assert "Nothing was changed" in page
    assert ProposedAction.objects.count() == 1


def test_a_refused_edit_keeps_what_was_typed(viewer: Client) -> None:
    proposal = stage(leaf(letter()))
    body = field_of(proposal, "body")

    status, page = post(viewer, proposal, **{body.name: "Something long that took an hour."})

    assert status == 422
    assert "may not decide proposals" in page
    assert ProposedAction.objects.get().status == ProposalStatus.PENDING


def test_an_approver_sees_the_typed_text_again_when_the_edit_is_refused(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())
    subject = field_of(gate, "subject")

    status, page = post(console, gate, digest="0" * 64, **{subject.name: "Typed for an hour"})

    assert status == 422
    assert "Typed for an hour" in page
    assert "out of date" in page
    assert 'value="reject"' in page


def test_only_fields_that_the_effects_name_can_be_edited(console: Client, contracts: None) -> None:
    gate = gate_of(start_new_customer())

    _status, page = post(console, gate, to="thief@example.com", item="cs-eml", field="to", value="thief@example.com")

    assert "Nothing was changed" in page
    assert {field.field for field in edit_fields(gate)} == {"subject", "body"}
    assert ProposedAction.objects.filter(supersedes=gate).count() == 0


def tickable(number: int, **changes: object) -> dict[str, object]:
    """A row change that a person may leave out."""
    return {
        "kind": "row.update",
        "table": "anomaly_investigations",
        "id": f"cs-ano-{number}",
        "set": {"status": "in_progress"},
        "was": {"status": "open"},
        "tick": True,
        "element": f"finding-{number}",
        "editable": ["tick"],
        **changes,
    }


def test_a_tick_that_is_taken_away_leaves_that_element_out_of_the_new_card(console: Client, contracts: None) -> None:
    run = start_new_customer()
    payload = {"findings": [{"key": f"finding-{number}", "title": f"Finding {number}"} for number in (1, 2)]}
    text = leaf(tickable(1), tickable(2), payload=payload)
    proposal = stage(text, run_id=run.pk, step="propose_remediation", action_type="anomaly_response")
    first, second = edit_fields(proposal)

    status, page = post(console, proposal, **{second.name: "on"})

    newer = ProposedAction.objects.get(supersedes=proposal)
    assert status == 200
    assert [field.label for field in (first, second)] == ["Finding 1", "Finding 2"]
    assert [effect["id"] for effect in parse(newer.effects)["on_approve"]] == ["cs-ano-2"]
    assert parse(newer.edits) == [{"item": "cs-ano-1", "field": "tick", "value": False}]
    assert "left out" in page


def test_the_price_of_a_line_is_edited_and_the_card_shows_the_difference(console: Client, contracts: None) -> None:
    gate = gate_of(start_quote(factories.CustomerFactory().id))
    price = field_of(gate, "case_price")

    status, page = post(console, gate, **ticks_of(gate), **{price.name: "33.50"})

    assert status == 200
    assert "What changed against the" in page
    newer = ProposedAction.objects.get(supersedes=gate)
    assert newer.status == ProposalStatus.PENDING
    assert "33.50" in newer.effects


def test_a_price_that_is_no_number_is_refused_and_kept_in_the_form(console: Client, contracts: None) -> None:
    gate = gate_of(start_quote(factories.CustomerFactory().id))
    price = field_of(gate, "case_price")

    status, page = post(console, gate, **ticks_of(gate), **{price.name: "a lot"})

    assert status == 422
    assert 'value="a lot"' in page
    assert ProposedAction.objects.get(pk=gate.pk).status == ProposalStatus.PENDING


def test_what_was_left_out_can_be_taken_in_again_on_the_card_after_an_edit(console: Client, contracts: None) -> None:
    """With everything else as it was edited, and after several edits."""
    text = leaf(tickable(1), tickable(2), letter())
    run = start_new_customer()
    proposal = stage(text, number="anomalies", action_type="anomaly_response", run_id=run.pk, step="propose", item="")
    first, _second, subject, *_rest = edit_fields(proposal)
    post(console, proposal, **{first.name: "on", subject.name: "Edited"})
    without = ProposedAction.objects.get(supersedes=proposal)
    still, gone, *_rest = edit_fields(without)

    _status, page = post(console, without, **{gone.name: "on"})

    newer = ProposedAction.objects.get(supersedes=without)
    shown = parse(newer.effects)["on_approve"]
    back, kept, *_rest = edit_fields(newer)
    assert (still.value, gone.value, back.value, kept.value) == ("on", "", "", "on")
    assert [effect.get("id") for effect in shown] == ["cs-ano-2", "cs-eml-1"]
    assert shown[1]["subject"] == "Edited"
    assert "taken in again" in page


def test_a_line_that_is_unticked_is_left_out_and_the_quote_is_worked_out_again(
    console: Client, contracts: None
) -> None:
    gate = gate_of(start_quote(factories.CustomerFactory().id, "ITM-1", "ITM-2"))
    _first, second = (field for field in edit_fields(gate) if field.control == "tick")

    status, page = post(console, gate, **{second.name: "on"})

    newer = ProposedAction.objects.get(supersedes=gate)
    text = parse(newer.effects)
    lines = [effect["values"] for effect in text["plan"][0]["effects"] if effect.get("table") == "quote_lines"]
    assert status == 200
    assert parse(newer.edits) == [{"item": "line:ITM-1", "field": "tick", "value": False}]
    assert [(line["line"], line["item_code"]) for line in lines] == [(1, "ITM-2")]
    assert newer.amount == gate.amount / 2
    assert "left out" in page


def test_a_line_that_was_left_out_can_be_taken_in_again(console: Client, contracts: None) -> None:
    gate = gate_of(start_quote(factories.CustomerFactory().id, "ITM-1", "ITM-2"))
    _first, second = (field for field in edit_fields(gate) if field.control == "tick")
    post(console, gate, **{second.name: "on"})
    newer = ProposedAction.objects.get(supersedes=gate)
    gone = next(field for field in edit_fields(newer) if field.control == "tick" and not field.value)

    post(console, newer, **ticks_of(newer), **{gone.name: "on"})

    newest = ProposedAction.objects.get(supersedes=newer)
    assert newest.amount == gate.amount


def test_a_quote_without_any_line_is_refused_with_the_ticks_as_they_were_set(console: Client, contracts: None) -> None:
    gate = gate_of(start_quote(factories.CustomerFactory().id))

    status, page = post(console, gate)

    assert status == 422
    assert "Nothing was changed." in page
    assert ProposedAction.objects.get(pk=gate.pk).status == ProposalStatus.PENDING
