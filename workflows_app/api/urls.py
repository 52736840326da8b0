"""Our own endpoints, under /api/."""

from django.urls import path, re_path

from workflows_app.api import site
from workflows_app.api.answers import unknown
from workflows_app.api.quote_pdf import quote_pdf

app_name = "api"
urlpatterns = [
    path("quote/pdf", quote_pdf, name="quote_pdf"),
    *site.urls(),
    re_path(".+", unknown),  # the last: whatever is not above
]
