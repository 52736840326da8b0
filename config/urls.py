"""Every URL of the project: the console at the root, our own endpoints under /api/."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("workflows_app.api.urls")),
    path("", admin.site.urls),
]
