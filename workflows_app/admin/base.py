"""What every page of the console has in common: it shows, it never writes."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import DecimalField, Field, Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from workflows_app.admin.large_tables import CappedPaginator
from workflows_app.presentation import words

Shower = Callable[[Model], SafeString]


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no type hints
    """A table to look at. Only services and effects write rows, so nothing can be added, changed or deleted here.

    `canonical` names the columns that hold canonical text (or other JSON); they are shown indented. `nothing` is said
    of an empty table: what would stand there, and how it comes. Unfold's `actions_detail` and `actions_row` are GET
    links and are not used anywhere (QUALITY.md, trap 1).
    """

    nothing: ClassVar[str] = ""
    canonical: ClassVar[tuple[str, ...]] = ()
    code: ClassVar[tuple[str, ...]] = ()
    actions = None
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    compressed_fields = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes rows by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes rows by hand."""
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        """The columns, amounts of money as they are said everywhere."""
        return [_money_of(self.model, name) or name for name in super().get_list_display(request)]

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Every column in the order of the model, with long texts made readable."""
        return [self._shown(field) for field in self.model._meta.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All of them."""
        return self.get_fields(request, obj)

    def heading(self, row: Any) -> str:
        """What the page of a row is headed with; empty for the row's own name."""
        return ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Model | None = None, **more: Any
    ) -> HttpResponse:
        """The page of one row, under its heading if it has one."""
        title = self.heading(obj) if obj else ""
        if obj and title:
            context |= {"title": words.sentence(str(self.opts.verbose_name)), **headed(obj, title)}
        response: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **more)
        return response

    def _shown(self, field: "Field[Any, Any]") -> Any:
        if field.name in self.canonical:
            return _shower(field, pretty)
        if field.name in self.code:
            return _shower(field, preformatted)
        return _money_of(self.model, field.name) or field.name


class Named:
    """A row under a title of its own, for the place where its page says where one is."""

    def __init__(self, row: Model, title: str) -> None:
        self.pk, self._meta, self._title = row.pk, row._meta, title

    def __str__(self) -> str:
        return self._title


def headed(row: Model, title: str) -> dict[str, Any]:
    """What the template of a row's page is given so that the row stands there under this title."""
    return {"original": Named(row, title), "subtitle": title}


def _shower(field: "Field[Any, Any]", show: Callable[[Any], SafeString]) -> Shower:
    """A read-only column under the field's own title, shown by `show`."""

    @admin.display(description=str(field.verbose_name))
    def shower(row: Model) -> SafeString:
        return show(getattr(row, field.name))

    return shower


@cache
def _money_of(model: type[Model], name: str) -> Callable[[Model], str | None] | None:
    """A column of money under the field's own title, sorted by it; None for any other column."""
    field = next((field for field in model._meta.fields if field.name == name), None)
    if not isinstance(field, DecimalField) or not words.is_money(name):
        return None

    @admin.display(description=str(field.verbose_name), ordering=name, empty_value="—")
    def shown(row: Model) -> str | None:
        return words.money(getattr(row, name)) or None

    shown.__name__ = name
    return shown


def pretty(text: str | None) -> SafeString:
    """Canonical text, indented for reading; text that is no JSON as it stands."""
    try:
        return preformatted(json.dumps(json.loads(text or "null"), indent=2, ensure_ascii=False))
    except ValueError:
        return preformatted(text or "")


def preformatted(text: str | None) -> SafeString:
    """Text with its line breaks kept, escaped."""
    return format_html('<pre class="cs-pre" tabindex="0">{}</pre>', text or "")


def short(text: str | None, length: int = 80) -> str:
    """The beginning of a long text on one line, for lists."""
    line = " ".join((text or "").split())
    return line if len(line) <= length else line[: length - 1] + "…"


def chip(text: str, look: str = "") -> SafeString:
    """A status in its colour; `look` chooses another colour than the one of its name."""
    words = text.replace("_", " ")
    return format_html('<span class="cs"><span class="cs-chip cs-chip-{}">{}</span></span>', look or text, words)
