"""`propose_quote` puts a draft up for a decision."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from approvals.models import ProposedAction
from tests.company import YEAR, customer, item
from tests.world import World
from workflows_app.models import Customer, WorkflowRun


@pytest.fixture
def oak(world: World) -> Customer:
    """A customer and an item."""
    item("MILK", "20.00")
    return customer("Oak School")


def propose(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("propose_quote", *arguments, stdout=output, **options)
    return output.getvalue()


def test_a_draft_waits_for_a_decision(oak: Customer) -> None:
    told = json.loads(propose(oak.pk, "--year", YEAR, "--item", "MILK=17.75", "--no-pdf", "--key", "k", json=True))

    staged = ProposedAction.objects.get(pk=told["proposal_id"])
    assert (staged.status, staged.proposed_by, told["status"]) == ("pending", "machine:command", "completed")
    assert '"17.75"' in staged.effects


def test_the_same_key_is_the_same_draft(oak: Customer) -> None:
    first, second = (propose(oak.pk, "--year", YEAR, "--item", "MILK", "--key", "k") for _ in range(2))

    assert first == second
    assert "it waits for a decision on" in first
    assert WorkflowRun.objects.count() == 1


def test_an_unknown_item_is_told(oak: Customer) -> None:
    assert "GONE" in propose(oak.pk, "--year", YEAR, "--item", "MILK", "--item", "GONE")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--year", "soon", "--item", "MILK"), 2),
        (("--year", YEAR, "--item", "MILK=cheap"), 2),
        (("--year", YEAR, "--item", "MILK", "--key", "k" * 81), 2),
        (("--year", YEAR, "--item", "GONE"), 1),
    ],
)
def test_what_cannot_be_a_draft_is_refused_with_a_sentence(
    oak: Customer, arguments: tuple[str, ...], code: int
) -> None:
    with pytest.raises(CommandError) as refused:
        propose(oak.pk, *arguments)

    assert refused.value.returncode == code
    assert not ProposedAction.objects.exists()
