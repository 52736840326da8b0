"""Every URL of the project: the console at the root, our own endpoints under /api/, health under /healthz."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from workflows_app.api import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.web, name="healthz"),
    path("healthz/scheduler", health.scheduler, name="healthz_scheduler"),
    path("api/", include("workflows_app.api.urls")),
    path("inbox/", include("workflows_app.admin.inbox.urls")),
    path("intake/", include("workflows_app.admin.intake.urls")),
    path("memory/", include("workflows_app.admin.memory.urls")),
    path("favicon.ico", RedirectView.as_view(url=static("countersign/favicon.svg"), permanent=True)),
    path("", include("workflows_app.admin.sign_in.urls")),  # before the admin, whose own login it replaces
    path("", admin.site.urls),
]
