"""The lists of proposals and decisions."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from approvals.models import Decision, DecisionChain, ProposalStatus, ProposedAction
from workflows_app.admin import large_tables
from workflows_app.admin.base import ReadOnlyAdmin, chip
from workflows_app.admin.files import file_view
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ChoicesAmongNewest, DatesAmongNewest, ValuesLatelySeen, ValuesOfIndex
from workflows_app.admin.letter_preview import letter_view
from workflows_app.admin.proposals import posts
from workflows_app.admin.proposals.page import card_page
from workflows_app.admin.proposals.reasons import card_context
from workflows_app.admin.search import beginning, named_customer, of_proposals, of_run
from workflows_app.models import WorkflowRun
from workflows_app.presentation import moments, words

# `approvals.models.PENDING_FIRST` without parameters, so that SQLite knows its index by it.
_PENDING_FIRST = Func(
    F("status"), template="CASE WHEN %(expressions)s = 'pending' THEN 0 ELSE 1 END", output_field=IntegerField()
)


def _first(place: int) -> Any:
    """A condition: pending (0) or not (1)."""
    return Exact(_PENDING_FIRST, place)


def _newest_decided(many: int) -> Q:
    """The newest of what is not pending; everything when there is no more."""
    rows = ProposedAction.objects.filter(_first(1)).order_by("-proposed_at").values_list("proposed_at", flat=True)
    edge = list(rows[many - 1 : many])
    return Q(_first(1), proposed_at__gte=edge[0]) if edge else Q()


class StatusFilter(ChoicesAmongNewest):
    """By status; the approved among the newest. What is pending is also said as the indexes of the list say it."""

    every = frozenset(ProposalStatus.values) - {ProposalStatus.APPROVED}
    within = ~Q(status=ProposalStatus.APPROVED)

    def queryset(self, request: HttpRequest, queryset: QuerySet[ProposedAction]) -> QuerySet[ProposedAction]:
        """The rows of the status."""
        chosen = set(self.chosen())
        if chosen == {ProposalStatus.APPROVED}:
            # By an expression: for the column itself, SQLite would walk through an index of all that is decided.
            approved: Any = Exact(Coalesce("status", Value("")), ProposalStatus.APPROVED)
            return queryset.filter(_newest_decided(large_tables.MOST_ROWS), approved)
        rows = super().queryset(request, queryset)
        return rows.filter(_first(0)) if chosen == {ProposalStatus.PENDING} else rows


@admin.register(ProposedAction)
class ProposalAdmin(GrowingAdmin):
    """What waits for a decision, and what became of the rest. Each row opens its card."""

    change_form_template = "admin/countersign/card.html"
    list_display = (
        "title", "standing", "shown_amount", "customer_name", "workflow", "kind", "shown_age", "time_left",
        "risk_level",
    )  # fmt: skip
    list_filter = (
        ("status", StatusFilter), ("action_type", ValuesOfIndex), ("risk_level", ValuesLatelySeen),
        ("outcome", ChoicesAmongNewest), ("proposed_at", DatesAmongNewest),
    )  # fmt: skip
    search_by = (named_customer(), of_run(), beginning("id", "proposal id"))
    canonical = ("payload", "effects", "edits", "difference")
    ordering = (_PENDING_FIRST, "-proposed_at", "id")

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """What is pending first; of one status, the newest first: so their indexes have them."""
        return ("-proposed_at", "id") if "status__exact" in request.GET else self.ordering

    def among_newest(self, many: int) -> Q:
        """What is pending, and the newest of the rest."""
        decided = _newest_decided(many)
        return Q(_first(0)) | decided if decided else decided

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProposedAction]:
        """With the workflow of each, and without the long texts."""
        run = WorkflowRun.objects.filter(pk=OuterRef("run_id"))
        rows: QuerySet[ProposedAction] = super().get_queryset(request)
        return rows.annotate(workflow_type=Subquery(run.values("workflow_type")[:1])).defer("effects", "payload")

    @admin.display(description="status", ordering="status")
    def standing(self, proposal: ProposedAction) -> SafeString:
        """The status; a pending one past its window is overdue, past its expiry it is over."""
        now = timezone.now()
        if proposal.status != ProposalStatus.PENDING:
            return chip(proposal.status)
        if proposal.expires_at <= now:
            return chip("expired", "bad")
        return chip("overdue") if proposal.window_ends_at < now else chip("pending")

    @admin.display(description="amount", ordering="amount")
    def shown_amount(self, proposal: ProposedAction) -> str:
        """Money with separators."""
        return words.money(proposal.amount) or "—"

    @admin.display(description="workflow")
    def workflow(self, proposal: ProposedAction) -> str:
        """The workflow of its run."""
        return words.sentence(proposal.workflow_type or "—")  # type: ignore[attr-defined]

    @admin.display(description="kind", ordering="action_type")
    def kind(self, proposal: ProposedAction) -> str:
        """The action type in words."""
        return "Gate of a run" if not proposal.step and proposal.run_id else words.sentence(proposal.action_type)

    @admin.display(description="age", ordering="proposed_at")
    def shown_age(self, proposal: ProposedAction) -> str:
        """How long ago it was proposed."""
        return moments.age(proposal.proposed_at, timezone.now())

    @admin.display(description="time left", ordering="expires_at")
    def time_left(self, proposal: ProposedAction) -> str:
        """Until it expires; nothing for what was decided."""
        return moments.left(proposal.expires_at, timezone.now()) if proposal.status == ProposalStatus.PENDING else "—"

    def get_urls(self) -> list[URLPattern]:
        """The card's three POSTs and the files of its letters beside Django's own pages."""
        own = [
            path("file/<str:object_id>/", self._wrapped(file_view), name="proposal_file"),
            path("letter/<str:proposal_id>/<str:letter_id>/", self._letter(), name="proposal_letter"),
            path("<path:object_id>/decide/", self._wrapped(posts.decide), name="proposal_decide"),
            path("<path:object_id>/edit/", self._wrapped(posts.edit), name="proposal_edit"),
            path("<path:object_id>/again/", self._wrapped(posts.again), name="proposal_again"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def _letter(self) -> Any:
        """The HTML of a letter that a proposal would send."""
        return self.admin_site.admin_view(partial(letter_view, self))

    def _wrapped(self, post: posts.Post) -> Any:
        """An admin view: logged in, on the staff, and a POST with a CSRF token."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return post(self, request, object_id)

        return self.admin_site.admin_view(view)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The card. `extra_context["page"]` is given when an edit was refused."""
        context = {"title": "Proposal", **(extra_context or {})}
        if "page" not in context:
            proposal = ProposedAction.objects.select_related("supersedes").filter(pk=unquote(object_id)).first()
            shown = card_page(proposal, request.user, timezone.now()) if proposal is not None else None
            context.update(card_context(shown) if shown is not None else {"page": None})
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


@admin.register(Decision)
class DecisionAdmin(GrowingAdmin):
    """The decision chain, newest first. `manage.py verify_decisions` proves that nobody touched it."""

    list_display = ("seq", "decided_at", "principal", "verdict", "proposal_id", "channel", "reason")
    list_filter = (
        ("verdict", ChoicesAmongNewest), ("channel", ValuesLatelySeen), ("decided_at", DatesAmongNewest)
    )  # fmt: skip
    search_by = (of_proposals(named_customer(), of_run(), beginning("id", "proposal id")),)
    ordering = ("-seq",)
    canonical = ("edits",)


@admin.register(DecisionChain)
class DecisionChainAdmin(ReadOnlyAdmin):
    """The head of the chain."""

    list_display = ("id", "count", "head")
