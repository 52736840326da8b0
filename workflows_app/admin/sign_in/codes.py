"""The forms that ask for a code of the second factor: a wrong one counts, and a locked account is not asked."""

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.signals import authentication_failed

from workflows_app.admin.sign_in import lockout

authentication_failed.connect(lockout.count_wrong_code)


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no type hints
    """At the login, after the password."""

    def clean_code(self) -> str:
        """The code, when it is right. Raises `ValidationError`."""
        lockout.refuse_when_locked(context.request, self.user)
        return str(super().clean_code())


class ConfirmForm(ReauthenticateForm):  # type: ignore[misc]  # allauth has no type hints
    """Before the second factor itself is changed."""

    def clean_code(self) -> str:
        """The code, when it is right. Raises `ValidationError`."""
        lockout.refuse_when_locked(context.request, self.user)
        return str(super().clean_code())
