"""Wrong passwords and codes lock an account. Rows of axes say how many there were and when."""

from ipaddress import ip_address
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

# From many addresses, ten times as many are allowed in all: fewer, and any stranger could keep Mike out.
EVERYWHERE: Final = 10
Credentials = dict[str, Any]


class Lockout(AxesDatabaseHandler):  # type: ignore[misc]  # axes has no type hints
    """Ten failures of an account from one address, or a hundred from anywhere."""

    def get_failures(self, request: HttpRequest, credentials: Credentials | None = None) -> int:
        """Failures of this account from this address; those from everywhere count a tenth."""
        name = (credentials or {}).get("username")
        return max(int(super().get_failures(request, credentials)), failures(name) // EVERYWHERE)


def failures(name: str | None) -> int:
    """How often the account was tried in vain lately, from everywhere."""
    since = timezone.now() - get_cool_off()
    lately = AccessAttempt.objects.filter(username=name, attempt_time__gte=since)
    return int(lately.aggregate(total=Sum("failures_since_start"))["total"] or 0)


def is_locked(name: str) -> bool:
    """Whether somebody at any address is refused as `name` at this moment."""
    since = timezone.now() - get_cool_off()
    lately = AccessAttempt.objects.filter(username=name, attempt_time__gte=since).values("ip_address")
    totals = [row["total"] for row in lately.annotate(total=Sum("failures_since_start"))]
    limit = get_failure_limit(None, None)
    return sum(totals) >= limit * EVERYWHERE or any(total >= limit for total in totals)


def unlock(name: str) -> None:
    """Forget the failures of an account."""
    AccessAttempt.objects.filter(username=name).delete()


def refuse_when_locked(request: HttpRequest, user: AbstractBaseUser) -> None:
    """Raise `ValidationError` for a locked account; the answer will then be the page that says so."""
    credentials = {"username": user.get_username()}
    if AxesProxyHandler.is_locked(request, credentials):
        vars(request).update(axes_locked_out=True, axes_credentials=credentials)
        raise ValidationError("This account is locked.")


def count_wrong_code(sender: object, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> None:
    """A wrong second factor counts as a wrong password; a receiver of allauth's `authentication_failed`."""
    user_login_failed.send(sender=__name__, credentials={"username": user.get_username()}, request=request)


def answer(request: HttpRequest, response: HttpResponse | None, credentials: Credentials | None) -> HttpResponse:
    """The page that says that an account is locked, until when, and what to do."""
    minutes = round(get_cool_off().total_seconds() / 60)
    return render(request, "account/locked.html", {"minutes": minutes}, status=429)


def address(request: HttpRequest) -> str:
    """Whose request it is: what the outermost of our own proxies saw, or the other end of the connection.

    Each proxy appends the address that it heard from to X-Forwarded-For; what stands further left is hearsay.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104  # an address to compare with, none to bind
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    hops: int = settings.TRUSTED_PROXIES
    seen = chain[-hops] if 0 < hops <= len(chain) else peer
    return seen if _is_address(seen) else peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
