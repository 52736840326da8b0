"""How a run lights up the picture of its contract."""

from django.contrib.auth.models import User

from approvals.clock import database_now
from approvals.principals import Principal
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.integration.admin.run.stories import attempt, look, page, partial, quote, retrying, sent_quote
from tests.integration.runner.interventions import do
from tests.world import World
from workflows_app.admin.picture import State
from workflows_app.admin.run.states import Lights, light
from workflows_app.models import WorkflowRun
from workflows_app.runner.hold import set_hold


def lights(run: WorkflowRun) -> Lights:
    story = page(run).story
    assert story.contract is not None
    return light(story, story.contract)


def test_every_box_of_the_picture_has_a_state(world: World) -> None:
    run = quote(world)
    drawn = page(run).picture
    assert drawn is not None

    assert {box.part.key for box in drawn.boxes} == set(lights(run).states)


def test_at_the_gate_everything_before_it_is_done_and_nothing_after_it(world: World) -> None:
    states = lights(quote(world)).states

    assert {states[f"context:{name}"] for name in ("customer", "line")} == {State.DONE}
    assert states["check:customer_exists"] == State.DONE
    assert states["gate"] == State.WAITING
    assert states["step:write_quote"] == State.PENDING
    assert states["post:log_run"] == State.PENDING
    assert states["verify:quote_persisted"] == State.PENDING


def test_a_step_that_is_tried_again_is_lit_and_what_needs_it_waits(world: World, site: endpoints.Site) -> None:
    states = lights(retrying(world, site)).states

    assert states["gate"] == State.DONE
    assert states["step:write_quote"] == State.DONE
    assert states["step:render_pdf"] == State.RETRYING
    assert states["step:send_email"] == State.PENDING


def test_a_partial_run_shows_what_failed_and_what_was_not_reached(world: World, site: endpoints.Site) -> None:
    states = lights(partial(world, site)).states

    assert states["step:render_pdf"] == State.FAILED
    assert states["step:send_email"] == State.NOT_REACHED
    assert states["post:event"] == State.DONE


def test_checks_wait_until_they_hold(world: World, site: endpoints.Site) -> None:
    run = sent_quote(world)
    waiting = lights(run)
    look()

    assert waiting.states["verify:email_sent"] == State.WAITING
    assert waiting.notes["verify:email_sent"].startswith("due ")
    assert lights(run).states["verify:email_sent"] == State.DONE


def test_a_warning_is_no_failure_and_a_block_is_one(world: World) -> None:
    item("MILK")
    owner = customer("Oak School")
    warned = world.start("customer_quote", quote_request(owner, "MILK", "NOPE"))
    blocked = world.start("customer_quote", quote_request(customer("Elm", entitystatus="hold"), "MILK"))

    assert lights(warned).states["check:items_resolved"] == State.WARNING
    assert lights(blocked).states["check:customer_not_on_hold"] == State.FAILED
    assert lights(blocked).states["gate"] == State.NOT_REACHED
    assert lights(blocked).states["step:write_quote"] == State.NOT_REACHED


def test_a_run_on_hold_waits(world: World) -> None:
    run = quote(world)
    world.decide(world.gate(run))
    set_hold(True, Principal.person(world.mike))
    attempt(run, database_now())

    assert run.status == "held"
    assert lights(run).states["gate"] == State.DONE
    assert lights(run).states["step:write_quote"] == State.WAITING
    assert lights(run).notes["step:write_quote"] == "on hold"


def test_a_cancelled_run_reached_nothing_more(world: World, mike: User) -> None:
    run = quote(world)
    do(run, "cancel", by=mike)

    states = lights(run).states

    assert states["gate"] == State.NOT_REACHED
    assert states["step:write_quote"] == State.NOT_REACHED


def test_boxes_lead_to_their_places_on_the_page(world: World) -> None:
    links = lights(quote(world)).links

    assert links["step:write_quote"] == "#step-write_quote"
    assert links["context:customer"] == "#context-customer"
    assert links["verify:email_sent"] == "#verify"
