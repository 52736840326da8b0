"""What browsers are told, and how people log in: the parts of the settings that no environment changes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from logging import WARNING, LogRecord
from typing import Any, Final
from urllib.parse import unquote

from csp.constants import NONE, SELF, UNSAFE_EVAL
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse

Answer = Callable[[HttpRequest], HttpResponse]

# Everything comes from ourselves. Unfold's Alpine evaluates the expressions of its templates and needs 'unsafe-eval'
# for it; nothing needs inline scripts or styles. `data:` are icons of unfold's style sheet and the set-up's QR code.
CONTENT_SECURITY_POLICY: Final[dict[str, Any]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

HEADERS: Final[Mapping[str, Any]] = {
    "CONTENT_SECURITY_POLICY": CONTENT_SECURITY_POLICY,
    "SESSION_COOKIE_HTTPONLY": True,
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "SECURE_REFERRER_POLICY": "same-origin",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_REDIRECT_EXEMPT": [r"^healthz"],  # a load balancer asks by http
    "X_FRAME_OPTIONS": "DENY",
    "DEFAULT_EXCEPTION_REPORTER_FILTER": "config.reports.ReportFilter",
    # HSTS preload: that is for the owner of the whole domain to decide, at hstspreload.org.
    "SILENCED_SYSTEM_CHECKS": ["security.W021"],
}

PERMISSIONS_POLICY: Final = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

# Wrong passwords and codes are counted in the database, so that all web processes count together: for each account from
# one address. The count is forgotten 15 minutes after the last one, and so are the rows; `sign_in/lockout.py`.
LOGIN: Final[Mapping[str, Any]] = {
    "AXES_HANDLER": "workflows_app.admin.sign_in.lockout.Lockout",
    "AXES_LOCKOUT_PARAMETERS": [["username", "ip_address"]],
    "AXES_FAILURE_LIMIT": 10,
    "AXES_COOLOFF_TIME": timedelta(minutes=15),
    "AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT": False,
    "AXES_RESET_ON_SUCCESS": True,
    "AXES_LOCKOUT_CALLABLE": "workflows_app.admin.sign_in.lockout.answer",
    "AXES_CLIENT_IP_CALLABLE": "workflows_app.admin.sign_in.lockout.address",
    "AXES_SENSITIVE_PARAMETERS": ["username", "ip_address", "login", "code", "credential", "csrfmiddlewaretoken"],
    "AXES_DISABLE_ACCESS_LOG": True,  # it would keep a row of every login for ever
    "AXES_ENABLE_ADMIN": False,
    "AXES_VERBOSE": False,
    "ACCOUNT_ADAPTER": "workflows_app.admin.sign_in.adapters.AccountAdapter",
    "ACCOUNT_LOGIN_METHODS": {"username"},
    "ACCOUNT_SIGNUP_FIELDS": ["username*", "password1*"],
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_RATE_LIMITS": False,  # they count in the memory of one process; axes counts
    "ACCOUNT_SESSION_REMEMBER": True,  # the session ends by its age, not with the browser
    "MFA_ADAPTER": "workflows_app.admin.sign_in.adapters.SecondFactorAdapter",
    "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
    "MFA_ALLOW_UNVERIFIED_EMAIL": True,  # nobody's address is verified, and none is used
    "MFA_TOTP_ISSUER": "Countersign",
    "MFA_TOTP_TOLERANCE": 1,  # a phone whose clock is half a minute off
    "MFA_PASSKEY_LOGIN_ENABLED": True,
    "MFA_FORMS": {
        "authenticate": "workflows_app.admin.sign_in.codes.CodeForm",
        "reauthenticate": "workflows_app.admin.sign_in.codes.ConfirmForm",
    },
}

_HERE = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}


def only_here(hosts: Sequence[str]) -> bool:
    """Whether all `hosts` name the machine itself, so that no other one can reach us."""
    return set(hosts) <= _HERE


def behind(proxies: int) -> dict[str, Any]:
    """Settings for `proxies` reverse proxies in front of us. With none, no X-Forwarded header is believed."""
    header = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    return {"SECURE_PROXY_SSL_HEADER": header, "ALLAUTH_TRUSTED_PROXY_COUNT": proxies}


def no_nul(answer: Answer) -> Answer:
    """Middleware: 400 for an address with a NUL, which PostgreSQL cannot look for; to a machine as all its answers."""

    def without_nul(request: HttpRequest) -> HttpResponse:
        asked = unquote(request.META.get("QUERY_STRING", ""))
        if "\0" not in request.path + asked:
            return answer(request)
        if request.path.startswith("/api/"):
            return JsonResponse({"error": "There is a NUL in the address."}, status=400)
        return HttpResponseBadRequest()

    return without_nul


def headers(answer: Answer) -> Answer:
    """Middleware: headers that Django does not know."""

    def with_headers(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return with_headers


def is_warning(record: LogRecord) -> bool:
    """A filter for loggers that must not speak of less, whatever their level is set to."""
    return record.levelno >= WARNING
