"""`settle_letter`: the same service at the command line."""

import json

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from tests.integration.runner.interventions import person
from tests.world import World
from workflows_app.models import OutboundEmail

FORM = {"company_name": "Lakeside", "contact_email": "office@lakeside.example.org", "billing_address": "1 Lake Rd"}


@pytest.fixture
def letter(world: World) -> OutboundEmail:
    """A welcome letter of which nobody knows whether it arrived."""
    run = world.through_the_gate("new_customer", FORM)
    world.decide(world.leaf(run, "welcome_email"))
    OutboundEmail.objects.update(status="uncertain")
    return OutboundEmail.objects.get()


def refused(*arguments: str) -> int:
    with pytest.raises(CommandError) as error:
        call_command("settle_letter", *arguments)
    return error.value.returncode


def test_it_is_sent_again_once(world: World, letter: OutboundEmail, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("settle_letter", letter.pk, "again", "--as", "mike", "--json")

    answer = json.loads(capsys.readouterr().out)
    second = OutboundEmail.objects.get(replaces=letter.pk)
    assert (answer["letter_id"], answer["status"], answer["done"]) == (letter.pk, "failed", True)
    assert answer["proposal_id"] == second.proposed_action_id
    assert refused(letter.pk, "again", "--as", "mike") == 1
    world.deliver()
    assert len(mail.outbox) == 1


def test_it_arrived(letter: OutboundEmail, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("settle_letter", letter.pk, "arrived", "--as", "mike", "--reason", "she answered")

    letter.refresh_from_db()
    assert (letter.status, capsys.readouterr().out.strip()) == ("sent", "Recorded: it arrived. It counts as sent.")


@pytest.mark.parametrize("who", ["machine:tick", "vera"])
def test_neither_machines_nor_viewers_settle(letter: OutboundEmail, who: str) -> None:
    person("vera", "Viewers")

    assert refused(letter.pk, "again", "--as", who) == 1


def test_what_makes_no_sense_is_two(letter: OutboundEmail) -> None:
    assert refused("cs-eml-nope", "again", "--as", "mike") == 2
    assert refused(letter.pk, "lost", "--as", "mike") == 2
    assert refused(letter.pk, "again", "--as", "nobody") == 2
