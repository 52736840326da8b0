"""The commands `proposals`, `decide` and `verify_decisions`."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from approvals import services
from approvals.models import Decision, ProposedAction
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db

EDIT = '[{"item": "letter", "field": "subject", "value": "Bonjour"}]'


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def failure(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    return error.value


@pytest.fixture
def proposal(db: None) -> ProposedAction:
    return services.stage(new_proposal())


def test_proposals_lists_nothing() -> None:
    assert run("proposals") == "There are no proposals.\n"
    assert json.loads(run("proposals", "--json")) == []


def test_proposals_as_json_has_the_promised_fields(proposal: ProposedAction) -> None:
    (row,) = json.loads(run("proposals", "--json"))

    assert row == {
        "id": "p1",
        "run_id": "r1",
        "action_type": "customer_email",
        "entity_type": "customer",
        "entity_ref": "42",
        "status": "pending",
        "digest": proposal.digest,
        "expires_at": proposal.expires_at.isoformat().replace("+00:00", "Z"),
        "summary": "A letter",
    }


def test_proposals_as_a_table_keeps_a_row_on_a_line() -> None:
    services.stage(new_proposal(summary="First\nsecond " + "x" * 100))

    heading, line = run("proposals").splitlines()

    assert heading.split()[:2] == ["id", "status"]
    assert line.split()[:2] == ["p1", "pending"]
    assert line.endswith("…")


def test_proposals_can_be_narrowed_to_a_status(proposal: ProposedAction) -> None:
    services.stage(new_proposal("p2"))
    services.close("p2", "paid")

    assert [row["id"] for row in json.loads(run("proposals", "--status", "pending", "--json"))] == ["p1"]
    assert [row["id"] for row in json.loads(run("proposals", "--status", "closed", "--json"))] == ["p2"]


def test_an_unknown_status_is_bad_use() -> None:
    error = failure("proposals", "--status", "open")

    assert error.returncode == 2
    assert "'open' is not one of pending, approved" in str(error)


def test_decide_approves(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    assert run("decide", "p1", "approve", "--as", "mike") == "Approved.\n"

    assert recording.effects == [("p1", "approve")]
    assert Decision.objects.get().channel == "command"


def test_decide_rejects_with_a_reason(proposal: ProposedAction, mike: User, recording: RecordingHooks) -> None:
    result = json.loads(run("decide", "p1", "reject", "--as", "person:mike", "--reason", "too dear", "--json"))

    assert result == {"proposal_id": "p1", "outcome": "rejected", "message": "Rejected.", "replacement_id": None}


def test_decide_with_an_edit_leaves_the_edited_one_to_be_decided(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    result = json.loads(run("decide", "p1", "approve", "--as", "mike", "--edit", EDIT, "--json"))

    assert (result["outcome"], result["replacement_id"]) == ("superseded", "p1-edited")
    assert recording.effects == []
    assert run("decide", "p1-edited", "approve", "--as", "mike") == "Approved.\n"


REFUSED: list[tuple[list[str], str]] = [
    (["reject"], "Rejecting needs a reason"),
    (["approve", "--digest", "0" * 64], "out of date"),
    (["approve", "--digest", ""], "out of date"),
    (["approve", "--edit", "[]"], "no edit"),
]


@pytest.mark.parametrize(("arguments", "words"), REFUSED)
def test_what_decide_refuses_ends_with_exit_code_1(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, arguments: list[str], words: str
) -> None:
    error = failure("decide", "p1", *arguments, "--as", "mike")

    assert error.returncode == 1
    assert words in str(error)
    assert_undecided(recording)


BAD_USE: list[tuple[list[str], str]] = [
    (["p9", "approve", "--as", "mike"], "no proposal 'p9'"),
    (["p1", "approve", "--as", "nobody"], "no user 'nobody'"),
    (["p1", "approve", "--as", "robot:x"], "not a principal"),
    (["p1", "approve", "--as", "person:"], "not a principal"),
    (["p1", "approve", "--as", ""], "not a principal"),
    (["p1", "edit", "--as", "mike"], "'edit' is not a verdict"),
    (["p1", "approve", "--as", "mike", "--edit", "{"], "not JSON"),
    (["p1", "approve", "--as", "mike", "--edit", "[NaN]"], "not JSON"),
    (["p1", "approve", "--as", "mike", "--edit", "{}"], "not a list"),
    (["p1", "approve", "--as", "mike", "--edit", "@nowhere.json"], "cannot read nowhere.json"),
    (["p1", "reject", "--as", "mike", "--reason", "x", "--edit", EDIT], "needs no edit"),
    (["p\udc80", "approve", "--as", "mike"], "half a character"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD_USE)
def test_bad_use_of_decide_ends_with_exit_code_2(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, arguments: list[str], words: str
) -> None:
    error = failure("decide", *arguments)

    assert error.returncode == 2
    assert words in str(error)
    assert_undecided(recording)


def test_a_second_decision_is_refused_as_json_too(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    run("decide", "p1", "approve", "--as", "mike")
    out = StringIO()

    with pytest.raises(CommandError, match="Already approved by person:mike"):
        call_command("decide", "p1", "approve", "--as", "mike", "--json", stdout=out)

    assert json.loads(out.getvalue())["outcome"] == "refused"


def test_verify_decisions_counts_what_is_in_order(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    assert run("verify_decisions").startswith("0 decisions, all as they were written.")

    run("decide", "p1", "approve", "--as", "mike")

    assert run("verify_decisions").startswith("1 decisions, all as they were written.")


@pytest.mark.parametrize("change", [{"reason": "forged"}, {"principal": "person:ann"}])
def test_verify_decisions_names_what_was_changed(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, change: dict[str, Any]
) -> None:
    run("decide", "p1", "approve", "--as", "mike")
    Decision.objects.update(**change)

    error = failure("verify_decisions")

    assert (error.returncode, str(error)) == (1, "Decision 1 was changed.")


def assert_undecided(recording: RecordingHooks) -> None:
    assert ProposedAction.objects.get().status == "pending"
    assert (recording.effects, Decision.objects.count()) == ([], 0)
