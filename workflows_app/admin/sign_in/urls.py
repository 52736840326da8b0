"""The login in place of the admin's own, and the pages of the second factor. What is not here does not exist:
sign-up, addresses, resetting a password by mail."""

from allauth.account import views
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path


def login(request: HttpRequest) -> HttpResponse:
    """allauth's login; 403 for somebody who is in already and may not open the console."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    response: HttpResponse = views.login(request)
    return response


urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", login, name="account_login"),
    path("account/logout/", views.logout, name="account_logout"),
    path("account/inactive/", views.account_inactive, name="account_inactive"),
    path("account/confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("account/second-factor/", include("allauth.mfa.urls")),
]
