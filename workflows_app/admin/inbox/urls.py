"""The addresses of the inbox. Each needs somebody who is logged in and on the staff."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.urls.resolvers import URLPattern

from workflows_app.admin.inbox import bulk, views

app_name = "inbox"


def _address(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    def guarded(request: HttpRequest, **named: str) -> HttpResponse:
        return view(request, **named)

    return path(route, admin.site.admin_view(guarded), name=name)


urlpatterns = [
    _address("", views.inbox, "list"),
    _address("rows/", views.rows, "rows"),
    _address("count/", views.waiting, "count"),
    _address("together/", bulk.bulk, "bulk"),
    _address("next/", views.following, "next"),
    _address("<str:object_id>/", views.inbox, "card_page"),
    _address("<str:object_id>/card/", views.card, "card"),
    _address("<str:object_id>/row/", views.row, "row"),
]
