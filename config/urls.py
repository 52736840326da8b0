"""Every URL of the project: the console at the root, our own endpoints under /api/, health under /healthz."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from workflows_app.api import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.web, name="healthz"),
    path("healthz/scheduler", health.scheduler, name="healthz_scheduler"),
    path("api/", include("workflows_app.api.urls")),
    path("inbox/", include("workflows_app.admin.inbox.urls")),
    path("memory/", include("workflows_app.admin.memory.urls")),
    path("", admin.site.urls),
]
