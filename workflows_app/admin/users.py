"""People and groups, the only rows that are edited by hand in the console."""

from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from workflows_app.admin.sign_in import lockout, second_factor

for _model in (User, Group, Authenticator, EmailAddress):
    admin.site.unregister(_model)  # allauth's own pages would show secrets, and let them be edited

_UNLOCK: Final = "Forget the wrong passwords of this account, so that its owner can log in at once."
_RESET: Final = (
    "Take the app, the passkeys and the recovery codes away, when they are lost: then the password is enough."
)


def _groups() -> "forms.ModelMultipleChoiceField[Group]":
    """All groups with a tick each; there are four."""
    help_text = (
        "Approvers decide. Sales hands in new customers. Viewers look. Machines are for tokens and never decide."
    )
    queryset = Group.objects.order_by("name")
    return forms.ModelMultipleChoiceField(
        queryset, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget, help_text=help_text
    )


class ChangeForm(UserChangeForm):  # type: ignore[misc]  # unfold has no type hints
    """A user, and what is done to his way in; the last two are no columns."""

    groups = _groups()
    unlock = forms.BooleanField(required=False, help_text=_UNLOCK, widget=UnfoldBooleanSwitchWidget)
    reset_second_factor = forms.BooleanField(required=False, help_text=_RESET, widget=UnfoldBooleanSwitchWidget)


class AddForm(UserCreationForm):  # type: ignore[misc]  # unfold has no type hints
    """A new user: name, password, and the group that says what he may do."""

    groups = _groups()


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc, type-arg]  # unfold has no type hints
    """Who may log in. Deciding needs the permission `decide_proposedaction`; being superuser is not enough.

    Nobody is deleted: decisions name people. Who leaves is made inactive, and is out with the next click.
    """

    form = ChangeForm
    add_form = AddForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "in_groups", "is_active", "with_second_factor", "last_login")
    list_filter = ("groups", "is_active", "is_superuser")
    filter_horizontal = ()
    readonly_fields = ("way_in", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("May", {"fields": ("is_active", "groups", "is_staff", "is_superuser")}),
        ("Way in", {"fields": ("way_in", "unlock", "reset_second_factor", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "password1", "password2", "groups")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With their groups and factors, so that the list asks once."""
        return super().get_queryset(request).prefetch_related("groups", "authenticator_set")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: see above."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Store the user; a new one may open the console. Then unlock and reset, if that is ticked."""
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("unlock"):
            lockout.unlock(obj.username)
            messages.success(request, f"{obj.username} can log in again.")
        if form.cleaned_data.get("reset_second_factor"):
            second_factor.reset(obj)
            messages.success(request, f"{obj.username} has no second factor any more.")

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.get_full_name()

    @admin.display(description="Groups")
    def in_groups(self, user: User) -> str:
        """The names of the groups."""
        return ", ".join(sorted(group.name for group in user.groups.all()))

    @admin.display(description="Second factor", boolean=True)
    def with_second_factor(self, user: User) -> bool:
        """Whether there is an app or a passkey."""
        return any(one.type in second_factor.FACTORS for one in user.authenticator_set.all())  # type: ignore[attr-defined]

    @admin.display(description="At the moment")
    def way_in(self, user: User) -> str:
        """Whether the account is locked, and whether a second factor is asked."""
        locked = "locked after wrong passwords" if lockout.is_locked(user.username) else "not locked"
        factor = "a second factor is asked" if second_factor.has(user) else "the password alone is asked"
        return f"{locked}; {factor}"


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):  # type: ignore[misc]  # unfold has no type hints
    """Groups: Approvers decide, Sales hands in the intake form, Viewers look, Machines are for tokens."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: the rules of the console name them."""
        return False
