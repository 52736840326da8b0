"""Letters: the list, a page per letter, and what a person says of one that may not have arrived, by POST."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from approvals.canonical import parse
from workflows_app.admin import access
from workflows_app.admin.base import chip, headed
from workflows_app.admin.growing import GrowingAdmin
from workflows_app.admin.large_tables import ValuesLatelySeen, every
from workflows_app.admin.letter_preview import as_sent
from workflows_app.admin.search import beginning, exactly, of_customer, of_proposals, of_run
from workflows_app.models import OutboundEmail
from workflows_app.presentation import words
from workflows_app.presentation.look_up import look_up
from workflows_app.presentation.names import Place
from workflows_app.runner.settle_letter import KINDS, What, refusal, settle_letter

# As the index `email_not_sent` says it.
_NOT_SENT = every("queued", "sending", "uncertain", "failed", within=~Q(status="sent"))
_LOOKS: Final = {
    "queued": "pending",
    "sending": "running",
    "sent": "approved",
    "uncertain": "uncertain",
    "failed": "failed",
}
View = Callable[..., HttpResponse]


@admin.register(OutboundEmail)
class OutboundEmailAdmin(GrowingAdmin):
    """Letters, each with the proposal that holds its text."""

    change_form_template = "admin/countersign/letter_page.html"
    nothing = "A letter stands here once its draft was approved."
    list_display = ("subject", "to", "kind", "standing", "created_at", "sent_at")
    list_filter = (("status", _NOT_SENT), ("action_type", ValuesLatelySeen))
    search_by = (
        of_customer("related_customer_id", newest="sent_at"),
        exactly("related_quote_id", "quote id"),
        of_proposals(of_run(), column="proposed_action_id"),
        beginning("id", "id"),
        beginning("message_id", "message id"),
    )
    ordering = ("-created_at", "id")
    canonical = ("attachments",)
    code = ("body", "error")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundEmail]:
        """Without the long texts."""
        rows: QuerySet[OutboundEmail] = super().get_queryset(request)
        return rows.defer("body", "attachments")

    @admin.display(description="what")
    def kind(self, letter: OutboundEmail) -> str:
        """What its proposal was, in words."""
        return words.action(letter.action_type)

    @admin.display(description="status", ordering="status")
    def standing(self, letter: OutboundEmail) -> SafeString:
        """The status in its colour; one that came back says so."""
        return chip("bounced", "bad") if letter.bounced_at else chip(letter.status, _LOOKS.get(letter.status, ""))

    def get_urls(self) -> list[URLPattern]:
        """The letter as HTML, and the two POSTs, beside Django's own pages."""
        own = [
            path("<path:object_id>/html/", self.admin_site.admin_view(self.html), name="letter_html"),
            *(path(f"<path:object_id>/{what}/", self._settling(what), name=f"letter_{what}") for what in KINDS),
        ]
        return own + super().get_urls()  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one letter."""
        letters = OutboundEmail.objects.select_related("proposed_action", "replaces", "replacement")
        letter = letters.filter(pk=unquote(object_id)).first()
        context: dict[str, Any] = {"title": "Letter", **(extra_context or {})}
        if letter is not None and self.has_view_permission(request, letter):
            page = letter_page(letter, access.decide_refusal(request.user))
            context |= {"page": page, **headed(letter, letter.subject)}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def html(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The HTML that left, or will leave, beside the text."""
        letter = OutboundEmail.objects.filter(pk=unquote(object_id)).first()
        if not self.has_view_permission(request):
            raise PermissionDenied
        if letter is None:
            raise Http404(f"There is no letter {object_id}.")
        return as_sent(letter.body, letter.letterhead)

    def _settling(self, what: What) -> View:
        """What a person says, as an admin view: POST only, with a CSRF token, only for those who may decide."""

        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            no = access.decide_refusal(request.user)
            if no:
                raise PermissionDenied(no)
            letter_id = unquote(object_id)
            if not OutboundEmail.objects.filter(pk=letter_id).exists():
                raise Http404(f"There is no letter {object_id}.")
            reason = request.POST.get("reason", "")
            answer = settle_letter(letter_id, what, user=request.user, channel="admin", reason=reason)
            messages.add_message(request, messages.SUCCESS if answer.done else messages.ERROR, answer.message)
            return HttpResponseRedirect(reverse("admin:workflows_app_outboundemail_change", args=[quote(letter_id)]))

        wrapped: View = self.admin_site.admin_view(view)
        return wrapped


@dataclass(frozen=True, kw_only=True)
class LetterPage:
    """What the page of a letter shows. `refusal`: why the visitor may only look; `second`: its second copy.

    `answered`: the message that it answers, as people know it.
    """

    letter: OutboundEmail
    look: str
    refusal: str
    can_have_arrived: bool
    can_go_again: bool
    second: OutboundEmail | None
    answered: str
    attachments: tuple[dict[str, Any], ...]


def letter_page(letter: OutboundEmail, no: str) -> LetterPage:
    """Read the page. `no`: why the visitor may only look."""
    answered: Place = ("message", letter.in_reply_to)
    return LetterPage(
        letter=letter,
        look=_LOOKS.get(letter.status, ""),
        refusal=no,
        can_have_arrived=not no and not refusal(letter, "arrived"),
        can_go_again=not no and not refusal(letter, "again"),
        second=getattr(letter, "replacement", None),
        answered=look_up({answered}).get(answered, letter.in_reply_to) if letter.in_reply_to else "",
        attachments=_attachments(letter),
    )


def _attachments(letter: OutboundEmail) -> tuple[dict[str, Any], ...]:
    """The files, unless the row is damaged."""
    try:
        found = parse(letter.attachments)
    except ValueError:
        return ()
    return tuple(file for file in found if isinstance(file, dict)) if isinstance(found, list) else ()
