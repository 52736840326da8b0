"""The parts of a run's page that change while it runs: each is sent again only when it says something else.

The page asks every two seconds and names what it has; the answer holds what is different, or nothing. What a person has
opened or typed stays, and a run that has ended is not asked about any more.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from approvals.models import ProposedAction
from workflows_app.admin.run.page import RunPage
from workflows_app.admin.run.standing import until_wake
from workflows_app.models import RunHistory, WorkflowRun, WorkflowStep

NAMES: Final = (
    "head", "status", "picture", "steps", "timeline", "effects", "decisions", "checks", "verify", "plan", "context",
    "actions", "facts", "memory",
)  # fmt: skip
_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
_LENGTH: Final = 10
_SECONDS: Final = {"awaiting_approval": 5, "held": 5}
"""How often a run is asked about that waits for a person; any other every two seconds."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the page; `mark` changes when its text does."""

    name: str
    html: SafeString
    mark: str


def parts(page: RunPage, request: HttpRequest) -> list[Part]:
    """Every part, rendered for this visitor."""
    return [_part(name, page, request) for name in NAMES]


def _part(name: str, page: RunPage, request: HttpRequest) -> Part:
    html = render_to_string(f"admin/countersign/parts/run_{name}.html", {"page": page, "run": page.run}, request)
    return Part(name=name, html=html, mark=_hash(_TOKEN.sub("", html)))


def seen(run: WorkflowRun, shown: Sequence[Part], now: datetime) -> str:
    """What the page has: the stamp of the run, then the mark of each part."""
    return ".".join([stamp(run, now), *(part.mark for part in shown)])


def every(run: WorkflowRun) -> int:
    """How many seconds pass between two questions."""
    return _SECONDS.get(run.status, 2)


def stamp(run: WorkflowRun, now: datetime) -> str:
    """Changes whenever something about a run that has not ended does; found with three small queries."""
    steps = WorkflowStep.objects.filter(run=run).order_by("status").values_list("status")
    proposals = ProposedAction.objects.filter(run_id=run.pk).order_by("status", "outcome")
    own = (
        run.status, run.phase, run.fence, run.error, run.plan_revision, run.crashes, bool(run.lease_owner),
        until_wake(run.wake_at, now) if run.wake_at else "",
    )  # fmt: skip
    rows = (
        *steps.annotate(Count("pk"), Sum("attempts"), Max("next_attempt_at")),
        *proposals.values_list("status", "outcome").annotate(Count("pk")),
        *RunHistory.objects.filter(run=run).order_by().aggregate(Max("pk")).values(),
    )
    return _hash(repr((own, rows)))


def unchanged(request: HttpRequest, run: WorkflowRun, now: datetime) -> bool:
    """Whether the page that asks has all there is."""
    return _known(request)[:1] == [stamp(run, now)]


def answer(request: HttpRequest, page: RunPage, now: datetime) -> HttpResponse:
    """The parts that are different, and the next question; a run that has ended is not asked about again."""
    shown = parts(page, request)
    known = _known(request)[1:]
    marks = dict(zip(NAMES, known, strict=False))
    changed = [part for part in shown if marks.get(part.name) != part.mark]
    context = {"page": page, "run": page.run, "changed": changed, **question(page, shown, now)}
    return render(request, "admin/countersign/run_live.html", context)


def question(page: RunPage, shown: Sequence[Part], now: datetime) -> dict[str, object]:
    """What the page needs to ask again."""
    return {"seen": seen(page.run, shown, now), "every": every(page.run), "live": not page.story.ended}


def _known(request: HttpRequest) -> list[str]:
    return request.GET.get("seen", "").split(".")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
