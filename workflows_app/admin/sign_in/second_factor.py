"""With `MFA_REQUIRED`, nobody who may decide opens a page of the console before he has a second factor."""

from collections.abc import Callable
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import ResolverMatch

from approvals.services.permission import permission_refusal

FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_OPEN: Final = {"login", "logout", "jsi18n"}  # of the admin
_SIGN_IN: Final = ("account_", "mfa_")
_GIVES_RIGHTS: Final = ("auth.change_user", "auth.change_group")
SET_IT_UP = "Set up a second factor first: everybody who may decide needs one here."


class SecondFactorMiddleware:
    """Sends those who lack a second factor to the page where they set it up, whatever they asked for."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        """`answer` is the rest of the middleware."""
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing here: which page it is, is not known yet."""
        return self._answer(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: Any) -> HttpResponse | None:
        """The way to the set-up page, or None to go on. Without a login nobody lacks anything."""
        if _is_open(request.resolver_match) or not lacks(request.user):
            return None
        messages.warning(request, SET_IT_UP)
        return redirect("mfa_index")


def _is_open(page: ResolverMatch | None) -> bool:
    """Whether the page is part of getting in and out, so that everybody must reach it."""
    name = (page and page.url_name) or ""
    return name.startswith(_SIGN_IN) or name in _OPEN


def lacks(user: User | AnonymousUser) -> bool:
    """Whether `user` must not go on without setting up a second factor."""
    return bool(settings.MFA_REQUIRED and user.is_authenticated and must_have(user) and not has(user))


def must_have(user: User | AnonymousUser) -> bool:
    """Whether `user` may decide, or may give that right to himself."""
    return any(map(user.has_perm, _GIVES_RIGHTS)) or permission_refusal(user) is None


def has(user: User | AnonymousUser) -> bool:
    """Whether `user` has an authenticator app or a passkey; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists())


def reset(user: User) -> None:
    """Take every authenticator, passkey and recovery code of `user` away; the password alone is asked then."""
    Authenticator.objects.filter(user=user).delete()
