"""The address of the memory. It needs somebody who is logged in and on the staff."""

from django.contrib import admin
from django.urls import path

from workflows_app.admin.memory.views import memory

app_name = "memory"
urlpatterns = [path("", admin.site.admin_view(memory), name="search")]
