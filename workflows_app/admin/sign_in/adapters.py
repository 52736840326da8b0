"""What allauth asks us: who may sign up (nobody), who may come in (staff), and what a passkey is called."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

NO_STAFF = "This account may not open the console. An administrator can tick “Staff status” on its page."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no type hints
    """No sign-up, no mail, no one without the staff tick."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: an administrator adds people."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Refuse whom no page would open for; he would be sent to and fro."""
        refusal: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if refusal is not None or user.is_staff:
            return refusal
        clear_login(request)
        messages.error(request, NO_STAFF)
        return redirect("account_login")

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the only mail without a decision is about alerts."""

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Only what went wrong; “signed in as” tells nobody anything."""
        if level >= messages.WARNING:
            super().add_message(request, level, *args, **kwargs)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no type hints
    """Names for keys that say what they are."""

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """`Passkey`, `Passkey 2`, …"""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {number + 1}" if number else "Passkey"
