"""What happened to a run, in the order in which it happened and in plain words."""

import pytest
from django.contrib.auth.models import User

from tests import endpoints
from tests.integration.admin.run.stories import look, page, partial, quote, retrying, sent_quote
from tests.integration.runner.interventions import do
from tests.world import World
from workflows_app.admin.run import timeline
from workflows_app.models import Alert, PendingPush, WorkflowRun


def told(run: WorkflowRun) -> list[str]:
    return [entry.sentence for entry in page(run).timeline.entries]


def test_a_quote_from_its_start_to_its_checks(world: World, site: endpoints.Site) -> None:
    run = sent_quote(world)
    PendingPush.objects.update(status="applied")
    look()

    sentences = told(run)

    assert sentences[:3] == ["Started by hand, by mike.", "Waits for a decision.", "Mike approved: the whole run."]
    assert sentences[3].startswith("Write quote")
    assert sentences[3].endswith(": done.")
    assert sentences.index("Completed.") < next(i for i, one in enumerate(sentences) if one.startswith("Letter sent"))
    assert sentences[-1].endswith("holds.")


def test_a_step_that_failed_is_told_once_with_its_trouble(world: World, site: endpoints.Site) -> None:
    entries = page(partial(world, site)).timeline.entries

    failed = [entry for entry in entries if entry.trouble.plain]

    assert [entry.sentence for entry in failed] == ["Render PDF: failed after 1 attempt."]
    assert failed[0].href == "#step-render_pdf"
    assert "Send email: not reached." in [entry.sentence for entry in entries]
    assert "Ended; a part of it was not done." in [entry.sentence for entry in entries]


def test_a_step_that_waits_for_another_attempt_is_told(world: World, site: endpoints.Site) -> None:
    assert told(retrying(world, site))[-1] == "A step did not succeed and will be tried again."


def test_what_a_person_did_about_a_run_is_told(world: World, site: endpoints.Site, mike: User) -> None:
    run = retrying(world, site)
    do(run, "skip", by=mike, step="render_pdf", reason="sent by hand")

    (entry,) = [entry for entry in page(run).timeline.entries if entry.sentence.startswith("Mike decided")]

    assert "Skip: render_pdf" in entry.sentence
    assert entry.note == "Sent by hand"


def test_a_rejection_says_why(world: World) -> None:
    run = quote(world)
    world.decide(world.gate(run), "reject", reason="too dear")

    entries = page(run).timeline.entries

    assert [entry.sentence for entry in entries][-2:] == [
        "Mike rejected: the whole run.",
        "Rejected: nothing was done.",
    ]
    assert entries[-2].note == "Too dear"


def test_an_alert_about_it_is_told(world: World, site: endpoints.Site) -> None:
    run = partial(world, site)
    assert "An alert was raised." in told(run)

    Alert.objects.all().resolve(run.queued_at)

    assert "An alert was raised, and is resolved." in told(run)


def test_a_scheduled_run_says_when_it_was_due(world: World) -> None:
    run = world.start("anomaly_remediation")
    key = "cron:anomaly_remediation:2026-11-21T11:52Z"
    WorkflowRun.objects.filter(pk=run.pk).update(trigger_kind="cron", trigger_key=key)

    first = page(run).timeline.entries[0]

    assert first.sentence.startswith("Started by the schedule")
    assert first.note == "It was due 21 Nov 2026 11:52 UTC."


def test_of_a_very_long_story_the_middle_is_left_out(
    world: World, site: endpoints.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = sent_quote(world)
    whole = told(run)
    monkeypatch.setattr(timeline, "MOST", 4)

    found = page(run).timeline

    assert [entry.sentence for entry in found.entries] == [*whole[:2], *whole[-2:]]
    assert found.more == len(whole) - 4
