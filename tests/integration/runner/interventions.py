"""A run that waits for another attempt, and a person who does something about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import pytest
from django.contrib.auth.models import Group, User
from django.db import OperationalError

from approvals.clock import database_now
from approvals.models import Decision
from tests import endpoints
from tests.company import customer, item, quote_request
from tests.world import World
from workflows_app.effects import apply
from workflows_app.models import WorkflowRun, WorkflowStep
from workflows_app.runner.advance import advance
from workflows_app.runner.intervene import Answer, Wish, intervene

Do = Callable[..., Answer]


def person(name: str, group: str) -> User:
    """Somebody of a group."""
    user = User.objects.create_user(name)
    user.groups.add(Group.objects.get(name=group))
    return user


def do(run: WorkflowRun, what: Any, *, by: User, **more: Any) -> Answer:
    """Intervene as `by`; the reason is "too late for it" unless said."""
    return intervene(Wish(run_id=run.pk, what=what, **{"reason": "too late for it", **more}), user=by, channel="test")


def quote(world: World) -> WorkflowRun:
    """A quote with a PDF that waits at its gate."""
    item("MILK")
    return world.start("customer_quote", quote_request(customer("Oak School"), "MILK", include_pdf=True))


def quote_without_pdf(world: World, site: endpoints.Site, answer: int) -> WorkflowRun:
    """An approved quote whose endpoint answered the first attempt at a PDF with this status."""
    run = quote(world)
    world.decide(world.gate(run))
    site.answers[:] = [answer]
    attempt(run)
    return run


def draft_and_wait(world: World, name: str = "Lakeside Schools") -> WorkflowRun:
    """A new customer whose welcome letter is drafted while another step waits."""
    email = f"{name.replace(' ', '-').lower()}@example.org"
    form = {"company_name": name, "contact_email": email, "billing_address": "1 Lake Rd"}
    run = world.start("new_customer", form)
    world.decide(world.gate(run))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(apply._ONE_BY_ONE, "netsuite.push", _busy)
        attempt(run)
    assert (run.status, step(run, "welcome_email").status) == ("retrying", "done")
    return run


def _busy(*args: object) -> NoReturn:
    raise OperationalError("deadlock detected")


def step(run: WorkflowRun, name: str) -> WorkflowStep:
    """One step of a run, as it is now."""
    return WorkflowStep.objects.get(run=run, step=name)


def attempt(run: WorkflowRun, now: datetime | None = None) -> None:
    """A worker takes the run further, when it may be."""
    run.refresh_from_db()
    advance(run.pk, now=now or run.wake_at or database_now())
    run.refresh_from_db()


def decided(run: WorkflowRun) -> list[Decision]:
    """The decisions on interventions in this run, oldest first."""
    found = Decision.objects.filter(proposal__run_id=run.pk, proposal__action_type="run_intervention")
    return list(found.order_by("seq"))
