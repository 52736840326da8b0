"""Rows that a person makes with a form and changes with buttons, by POST, if he may decide; secrets are shown once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from approvals.principals import Principal
from workflows_app.admin import access
from workflows_app.admin.base import ReadOnlyAdmin

SECRETS = ("secret", "previous_secret", "secret_hash")
View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Button:
    """Something that a person may do with a row: the verb in the address, what it says, and what it does."""

    verb: str
    label: str
    help: str = ""
    look: str = ""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A row, and the secret that belongs to it: the only time that anybody sees it."""

    row: Model
    secret: str


class MadeByHandAdmin(ReadOnlyAdmin):
    """A list to look at, a form to make one, a page per row with its buttons. No column is edited directly."""

    list_before_template = "admin/countersign/machine_make.html"
    change_form_template = "admin/countersign/machine.html"
    form_class: ClassVar[type[forms.Form]]
    edit_class: ClassVar[type[forms.Form] | None] = None
    noun: ClassVar[str]
    about: ClassVar[str]
    after: ClassVar[str]
    more: ClassVar[str] = ""  # the name of a page that tells what such a machine can do
    verbs: ClassVar[Sequence[str]] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Every column but the secrets."""
        return [field.name for field in self.model._meta.fields if field.name not in SECRETS]

    def get_urls(self) -> list[URLPattern]:
        """The form and the buttons beside Django's own pages."""
        name = self.model._meta.model_name
        own = [path("make/", self._allowed(self.make), name=f"{name}_make")]
        own += [
            path(f"<int:object_id>/{verb}/", self._allowed(self._button(verb)), name=f"{name}_{verb}")
            for verb in self.verbs
        ]
        if self.edit_class is not None:
            own.append(path("<int:object_id>/edit/", self._allowed(self.edit), name=f"{name}_edit"))
        return own + super().get_urls()  # type: ignore[no-any-return]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with the way to the form."""
        context = {
            **(extra_context or {}),
            "about": self.about,
            "noun": self.noun,
            "make": reverse(f"admin:{self.model._meta.model_name}_make"),
            "more": self.more and reverse(self.more),
            "refusal": access.decide_refusal(request.user),
        }
        return super().changelist_view(request, context)  # type: ignore[no-any-return]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one row."""
        row = self._row(object_id)
        name, refusal = self.model._meta.model_name, access.decide_refusal(request.user)
        context = {
            "title": self.noun.capitalize(),
            **(extra_context or {}),
            "row": row,
            "chips": self.chips(row) if row else (),
            "facts": self.facts(row) if row else (),
            "refusal": refusal,
            "edit": reverse(f"admin:{name}_edit", args=[row.pk]) if row and self.edit_class else "",
            "buttons": [
                {"button": each, "url": reverse(f"admin:{name}_{each.verb}", args=[row.pk])}
                for each in (self.buttons(row) if row else ())
            ],
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def make(self, request: HttpRequest) -> HttpResponse:
        """The form; when it is right, the new row's secret, this once."""
        form = self.form_class(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                return self.shown_once(request, self.made(form.cleaned_data, person(request)))
            except ValueError as error:
                form.add_error(None, f"{error}.")
        return self._form_page(request, form, f"Make {_with_article(self.noun)}")

    def edit(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The form for what may be changed later."""
        row = self._found(object_id)
        if self.edit_class is None:
            raise Http404
        form = self.edit_class(request.POST if request.method == "POST" else None, initial=self.initial(row))
        if request.method == "POST" and form.is_valid():
            self.changed(row, form.cleaned_data)
            messages.success(request, "Changed.")
            return self.to_row(row)
        return self._form_page(request, form, f"Change {row}")

    def shown_once(self, request: HttpRequest, made: Made) -> HttpResponse:
        """The page with the secret. It is in no redirect, no message and no cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": str(made.row),
            "opts": self.model._meta,
            "secret": made.secret,
            "after": self.after,
            "back": self._address(made.row),
        }
        return TemplateResponse(request, "admin/countersign/machine_secret.html", context)

    def made(self, given: dict[str, Any], by: Principal) -> Made:
        """Make the row. Raises `ValueError` with a sentence's middle."""
        raise NotImplementedError

    def changed(self, row: Any, given: dict[str, Any]) -> None:
        """Change the row as the form says."""
        raise NotImplementedError

    def initial(self, row: Any) -> dict[str, Any]:
        """What the form for changes begins with."""
        return {}

    def pressed(self, request: HttpRequest, verb: str, row: Any) -> HttpResponse:
        """Do what a button says."""
        raise NotImplementedError

    def chips(self, row: Any) -> Sequence[tuple[str, str]]:
        """How the row stands: words and their look."""
        return ()

    def facts(self, row: Any) -> Sequence[tuple[str, Any]]:
        """What is known of the row; empty values are left out."""
        return ()

    def buttons(self, row: Any) -> Sequence[Button]:
        """What may be done with the row now."""
        return ()

    def to_row(self, row: Model) -> HttpResponse:
        """Back to the page of the row."""
        return HttpResponseRedirect(self._address(row))

    def _address(self, row: Model) -> str:
        return reverse(f"admin:workflows_app_{self.model._meta.model_name}_change", args=[row.pk])

    def _form_page(self, request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request), "title": title, "opts": self.model._meta, "form": form,
            "about": self.about,
        }  # fmt: skip
        return TemplateResponse(request, "admin/countersign/machine_form.html", context)

    def _button(self, verb: str) -> View:
        def pressed(request: HttpRequest, object_id: int) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return self.pressed(request, verb, self._found(object_id))

        return pressed

    def _allowed(self, view: View) -> Any:
        """An admin view for those who may decide."""

        def checked(request: HttpRequest, **named: Any) -> HttpResponse:
            refusal = access.decide_refusal(request.user)
            if refusal:
                raise PermissionDenied(refusal)
            return view(request, **named)

        return self.admin_site.admin_view(checked)

    def _row(self, object_id: str) -> Any:
        known = object_id.isascii() and object_id.isdigit() and len(object_id) < 19
        return self.model._default_manager.filter(pk=object_id).first() if known else None

    def _found(self, object_id: int) -> Any:
        row = self._row(str(object_id))
        if row is None:
            raise Http404(f"There is no {self.noun} {object_id}.")
        return row


def person(request: HttpRequest) -> Principal:
    """Who does it; admin_view lets nobody anonymous in."""
    return Principal.person(request.user)  # type: ignore[arg-type]


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'AEIOU' else 'a'} {noun}"
