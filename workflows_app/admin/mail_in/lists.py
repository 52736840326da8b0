"""Mail that came in, what was corrected, and where the reading of the mailbox stands."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from approvals.canonical import parse
from approvals.clock import database_now
from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.base import ReadOnlyAdmin, chip, short
from workflows_app.admin.contracts.pickers import meant, source_of
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, every
from workflows_app.admin.mail_in.opinion import can_be_asked, opinion
from workflows_app.admin.mail_in.page import DISPUTE_OFFERS, STANDINGS, changes, mail_page, title_of
from workflows_app.admin.search import beginning, of_customer
from workflows_app.inbox.corrections import CorrectionError, Said, correct
from workflows_app.inbox.words import DISPUTE
from workflows_app.models import Customer, Event, InboundEmail, MailboxPosition, TriageCorrection, WorkflowRun
from workflows_app.models.mirror.mail import SET_ASIDE, WAITING
from workflows_app.presentation.people import who

# As the index `inbound_waiting_newest` says it.
_WAITING = every(WAITING, within=Q(triage=WAITING))
_TEMPLATE = "admin/countersign/mail_in.html"


@admin.register(InboundEmail)
class InboundEmailAdmin(GrowingAdmin):
    """Mail that came in, and what triage made of it. What is unsure waits here for a person."""

    change_form_template = _TEMPLATE
    nothing = "Mail stands here that came to the mailbox, by the API, or by manage.py ingest_email."
    list_display = ("about", "standing", "classed", "confidence", "customer", "sender", "received_at", "became")
    list_filter = (("triage", _WAITING), ("classification", ValuesLatelySeen))
    search_by = (
        of_customer("customer_id", newest="received_at"),
        beginning("message_id", "message id"),
        beginning("uuid", "id"),
    )
    ordering = ("-received_at", "uuid")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEmail]:
        """With the customer's name and the dispute's run of each, and without the long texts."""
        name = Customer.objects.filter(pk=OuterRef("customer_id")).values("companyname")[:1]
        event = Event.objects.filter(idempotency_key=Concat(Value("inbound:"), OuterRef("uuid"))).values("pk")[:1]
        key = Concat(Value(f"event:{DISPUTE_OFFERS}:"), OuterRef("event_pk"))
        run = WorkflowRun.objects.filter(trigger_key=key)
        rows: QuerySet[InboundEmail] = super().get_queryset(request)
        rows = rows.annotate(customer_name=Subquery(name), event_pk=Subquery(event))
        return rows.annotate(
            run_pk=Subquery(run.values("pk")[:1]), run_status=Subquery(run.values("status")[:1])
        ).defer("text", "extracted", "deciding_words", "attachments", "refs")

    @admin.display(description="subject")
    def about(self, row: InboundEmail) -> str:
        """The subject on one line."""
        return short(row.subject) or "(no subject)"

    @admin.display(description="standing")
    def standing(self, row: InboundEmail) -> SafeString:
        """Whether it went on, waits, or is set aside."""
        return chip(*STANDINGS[row.triage])

    @admin.display(description="about")
    def classed(self, row: InboundEmail) -> str:
        """The class in words."""
        return title_of(row.classification) or "—"

    @admin.display(description="customer")
    def customer(self, row: InboundEmail) -> str:
        """The customer's name."""
        name: str | None = row.customer_name  # type: ignore[attr-defined]  # annotated by get_queryset
        return name or row.customer_id or "—"

    @admin.display(description="became")
    def became(self, row: InboundEmail) -> SafeString | str:
        """The run that it started, when it is a dispute."""
        run_id, status = row.run_pk, row.run_status  # type: ignore[attr-defined]  # annotated by get_queryset
        if not run_id:
            return "—"
        link = reverse("admin:workflows_app_workflowrun_change", args=[quote(run_id)])
        return format_html('<a class="underline" href="{}">run, {}</a>', link, status.replace("_", " "))

    def get_urls(self) -> list[URLPattern]:
        """The POSTs beside Django's own pages."""
        own = [
            path("<path:object_id>/correct/", self.admin_site.admin_view(self.correct), name="mail_correct"),
            path("<path:object_id>/opinion/", self.admin_site.admin_view(self.opinion), name="mail_opinion"),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one message."""
        row = InboundEmail.objects.filter(pk=unquote(object_id)).first()
        page = mail_page(row, access.decide_refusal(request.user)) if row else None
        if page and row:
            page["asks"] = can_be_asked(row)
        context = {**(extra_context or {}), "title": "Inbound email", "page": page}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def correct(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say what a message is about; what cannot be taken is said above the form, with what was typed."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        refusal = access.decide_refusal(request.user)
        if refusal:
            raise PermissionDenied(refusal)
        row = InboundEmail.objects.filter(pk=unquote(object_id)).first()
        if row is None:
            raise Http404("There is no such message.")
        typed = {name: request.POST.get(name, "").strip() for name in ("classification", "customer_id", "invoice_ref")}
        try:
            person = Principal.person(request.user)  # type: ignore[arg-type]  # admin_view lets nobody anonymous in
            row = correct(row.pk, _said(typed), by=person, now=database_now())
        except (CorrectionError, ValueError) as error:
            return self._again(request, row, typed, str(error))
        messages.success(request, f"Kept. {_went(row)}")
        return HttpResponseRedirect(reverse("admin:workflows_app_inboundemail_change", args=[quote(row.pk)]))

    def opinion(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What a language model takes a message for, above the form of whoever says what it is. Changes nothing."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        refusal = access.decide_refusal(request.user)
        row = InboundEmail.objects.filter(pk=unquote(object_id)).first()
        if refusal or row is None or not can_be_asked(row):
            raise PermissionDenied(refusal or "Nobody is asked about this message.")
        return self._page_of(request, row, {**mail_page(row, ""), "opinion": opinion(row)}, status=200)

    def _again(self, request: HttpRequest, row: InboundEmail, typed: dict[str, str], error: str) -> HttpResponse:
        return self._page_of(request, row, {**mail_page(row, "", typed), "error": error}, status=422)

    def _page_of(self, request: HttpRequest, row: InboundEmail, page: dict[str, Any], status: int) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "original": row,
            "title": "Inbound email",
            "page": page,
        }
        return TemplateResponse(request, _TEMPLATE, context, status=status)


def _went(row: InboundEmail) -> str:
    if row.triage == SET_ASIDE:
        return "It is set aside."
    if row.classification == DISPUTE:
        return "It went on: a card asks before anything happens."
    return "It went on, for whichever workflow listens to mail of this kind."


def _said(typed: dict[str, str]) -> Said:
    """What was typed, with the customer's id in the place of the name. Raises `ValueError` for a name of several."""
    source = source_of("customer_id", "string")
    try:
        customer_id = meant(source, typed["customer_id"]) if source and typed["customer_id"] else ""
    except ValueError as error:
        raise ValueError(f"The customer {error}") from error
    return Said(**{**typed, "customer_id": customer_id})


@admin.register(TriageCorrection)
class TriageCorrectionAdmin(ReadOnlyAdmin):
    """What people said of messages; later mail of the same sender is compared with it."""

    nothing = "What a person says of a message that waits is kept here."
    list_display = ("email", "sender", "changed", "by", "corrected_at")
    list_select_related = ("email",)
    search_fields = ("sender",)
    ordering = ("-corrected_at", "-id")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """In words."""
        return ["email", "sender", "recognised", "changed", "by", "corrected_at"]

    def heading(self, row: TriageCorrection) -> str:
        """The subject of its message."""
        return row.email.subject or "(no subject)"

    @admin.display(description="recognised by")
    def recognised(self, row: TriageCorrection) -> str:
        """The words by which later mail of the sender is recognised."""
        return ", ".join(f"“{word}”" for word in parse(row.words)) or "—"

    @admin.display(description="what was said")
    def changed(self, row: TriageCorrection) -> str:
        """What became of class, customer and invoice, on one line."""
        told = changes(parse(row.before), parse(row.after), {})
        return "; ".join(f"{what}: {before} → {after}" for what, before, after in told) or "confirmed"

    @admin.display(description="by", ordering="corrected_by")
    def by(self, row: TriageCorrection) -> str:
        """Who said it."""
        return who(row.corrected_by)


@admin.register(MailboxPosition)
class MailboxPositionAdmin(ReadOnlyAdmin):
    """How far each mailbox was read."""

    nothing = "No mailbox was read: INBOUND_IMAP_URL names the one that customers write to."
    list_display = ("name", "polled_at", "last_uid", "failures", "last_error", "lease_owner", "lease_until")
    ordering = ("name",)
