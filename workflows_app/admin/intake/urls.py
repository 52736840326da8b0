"""The addresses of the intake. Each needs somebody who is logged in and on the staff."""

from django.contrib import admin
from django.urls import path

from workflows_app.admin.intake import views

app_name = "intake"
urlpatterns = [
    path("", admin.site.admin_view(views.mine), name="mine"),
    path("submission/<str:run_id>/", admin.site.admin_view(views.one), name="submission"),
    path("<slug:workflow_type>/", admin.site.admin_view(views.form), name="form"),
    path("<slug:workflow_type>/alike/", admin.site.admin_view(views.alike), name="alike"),
]
