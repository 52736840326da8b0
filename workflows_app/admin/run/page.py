"""The view objects of a run's page: a fixed number of queries, however long the run."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.contrib.admin.utils import quote
from django.urls import NoReverseMatch, reverse

from approvals.canonical import parse
from workflows_app.admin.picture import Picture, picture
from workflows_app.admin.run import context, standing
from workflows_app.admin.run.ladder import Ladders, read_ladders
from workflows_app.admin.run.rows import ProposalRow, VerifyRow, proposal_row, verify_row
from workflows_app.admin.run.standing import lasted
from workflows_app.admin.run.states import light
from workflows_app.admin.run.steps import StepRows, read_steps
from workflows_app.admin.run.story import Story, read_story
from workflows_app.admin.run.timeline import Timeline, read_timeline
from workflows_app.admin.run.titles import title_of
from workflows_app.admin.run.troubles import Trouble
from workflows_app.models import DraftedText, Event, WorkflowRun
from workflows_app.models.run import READY, TERMINAL
from workflows_app.presentation import words
from workflows_app.presentation.card import CheckView, StepView, read_check, read_plan
from workflows_app.presentation.people import who
from workflows_app.presentation.remembered import in_words
from workflows_app.presentation.values import Field, fields
from workflows_app.runner import reflexion
from workflows_app.runner.attempts import most_attempts
from workflows_app.runner.reuse import continued

MOST_ITEMS: Final = 60
MOST_PROPOSALS: Final = 60


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """Everything that is known about one run.

    `refusal`: why the visitor may only look; empty for those who may decide. `whole`: with every row of what was read
    and every item of the plan, which else are the first ones only.
    """

    story: Story
    refusal: str
    whole: bool = False

    @property
    def run(self) -> WorkflowRun:
        """The run itself."""
        return self.story.run

    @cached_property
    def title(self) -> str:
        """What it is about."""
        return title_of(self.story)

    @cached_property
    def standing(self) -> standing.Standing:
        """Where it stands, in a sentence."""
        return standing.read_standing(self.story)

    @property
    def crashes(self) -> str:
        """How many workers died with it, in a sentence; empty when none did."""
        return standing.crashes(self.story)

    @property
    def problem(self) -> Trouble | None:
        """Why its contract does not load any more."""
        if not self.story.problem:
            return None
        plain = "The contract of this run does not load any more, so there is no picture of it."
        advice = "" if self.story.ended else "All that can be done is to cancel it; what was done stays."
        return Trouble(plain=plain, advice=advice, technical=self.story.problem)

    @cached_property
    def picture(self) -> Picture | None:
        """The picture of its contract, lit by how it stands."""
        contract = self.story.contract
        if contract is None:
            return None
        lights = light(self.story, contract)
        return picture(contract, states=lights.states, notes=lights.notes, links=lights.links)

    @cached_property
    def steps(self) -> StepRows:
        """The step records."""
        return read_steps(self.story, self.refusal, most_attempts(self.run.contract))

    @cached_property
    def ladders(self) -> Ladders:
        """Where each effect stands."""
        return read_ladders(self.story)

    @cached_property
    def timeline(self) -> Timeline:
        """What happened, in order."""
        return read_timeline(self.story)

    @cached_property
    def checks(self) -> tuple[CheckView, ...]:
        """The preconditions with their results."""
        return tuple(read_check(check) for check in parse(self.run.checks))

    @cached_property
    def plan(self) -> tuple[StepView, ...]:
        """The planned items, the first ones."""
        return read_plan(list(self.story.plan if self.whole else self.story.plan[:MOST_ITEMS]))

    @property
    def plan_mark(self) -> str:
        """Changes with the plan."""
        return _mark(self.run.plan)

    @property
    def context_mark(self) -> str:
        """Changes with what was read."""
        return _mark(self.run.context)

    @property
    def plan_more(self) -> int:
        """How many items are not shown."""
        return len(self.story.plan) - len(self.plan)

    @cached_property
    def context(self) -> tuple[context.Entry, ...]:
        """What was read."""
        return context.read_context(self.run.context, self.story.contract, whole=self.whole)

    @cached_property
    def proposals(self) -> tuple[ProposalRow, ...]:
        """Cards of the gate, what the steps proposed, and what people did; the first ones."""
        return tuple(proposal_row(self.story, one) for one in self.story.proposals[:MOST_PROPOSALS])

    @property
    def proposals_more(self) -> int:
        """How many are not shown."""
        return max(len(self.story.proposals) - MOST_PROPOSALS, 0)

    @cached_property
    def verify(self) -> tuple[VerifyRow, ...]:
        """The verify checks."""
        return tuple(verify_row(result, self.story) for result in self.story.verify)

    @cached_property
    def inputs(self) -> tuple[Field, ...]:
        """What it was started with."""
        return tuple(field for field in fields(context.plain(self.run.inputs)) if field.value.look != "empty")

    @property
    def log_fields(self) -> tuple[Field, ...]:
        """Its line in the log of runs."""
        told = fields(parse(self.story.log.summary_json)) if self.story.log else ()
        return tuple(field for field in told if field.value.look != "empty")

    @property
    def narrative(self) -> str:
        """What is remembered of it."""
        return in_words(self.story.reflexion.narrative) if self.story.reflexion else ""

    @cached_property
    def summary(self) -> DraftedText | None:
        """What a language model made of what is remembered; None when nothing."""
        found = reflexion.summary(self.run.pk) if self.story.reflexion else None
        return found if found and found.text else None

    @property
    def events(self) -> tuple[tuple[str, list[Event]], ...]:
        """What it recorded in the event ledger, by type."""
        kinds = dict.fromkeys(event.event_type for event in self.story.events)
        return tuple((kind, [event for event in self.story.events if event.event_type == kind]) for kind in kinds)

    @property
    def tags(self) -> list[str]:
        """The tags under which it is remembered."""
        reflexion = self.story.reflexion
        return [tag for tag in reflexion.tags.split(",") if tag] if reflexion else []

    @property
    def started_by(self) -> str:
        """Who or what started it."""
        return who(str(parse(self.run.trigger).get("principal", "")))

    @property
    def trigger_url(self) -> str:
        """The event that started it; empty for any other trigger."""
        kind, _, rest = self.run.trigger_key.partition(":")
        event = rest.rpartition(":")[2]
        try:
            return reverse("admin:workflows_app_event_change", args=[quote(event)]) if kind == "event" and event else ""
        except NoReverseMatch:
            return ""

    @property
    def causes(self) -> str:
        """The workflows that led to it."""
        return " → ".join(words.sentence(cause) for cause in parse(self.run.trigger).get("causes", ()))

    @property
    def continues(self) -> str:
        """The run of which this one does the rest."""
        return continued(self.run)

    @property
    def took(self) -> str:
        """From its start to its end."""
        end = self.run.completed_at
        return lasted(end - self.run.queued_at) if end else ""

    @property
    def can_cancel(self) -> bool:
        """Not ended, and the visitor may decide. Whether a worker has it just now is for the service to say."""
        return not self.refusal and self.run.status not in TERMINAL

    @property
    def can_retry(self) -> bool:
        """It waits for a moment to come: of a step's next attempt, or of another pass after one that broke off."""
        return self.can_cancel and self.run.wake_at is not None and self.run.status in READY


def run_page(run: WorkflowRun, refusal: str, now: datetime, *, whole: bool = False) -> RunPage:
    """Read the run's story; `refusal` of the visitor."""
    return RunPage(story=read_story(run, now), refusal=refusal, whole=whole)


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
