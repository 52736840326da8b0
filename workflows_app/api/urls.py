"""Our own endpoints, under /api/."""

from django.urls import path

from workflows_app.api.quote_pdf import quote_pdf

app_name = "api"
urlpatterns = [
    path("quote/pdf", quote_pdf, name="quote_pdf"),
]
