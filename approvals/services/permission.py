"""Read the facts about a user that the policy judges."""

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals import policy
from approvals.groups import MACHINES
from approvals.principals import Principal


def permission_refusal(user: AbstractBaseUser | AnonymousUser) -> str | None:
    """Why `user` may not decide, or None.

    Read from the database each time, and not by `has_perm`: that says yes to every superuser, and caches.
    """
    if user.pk is None:
        return "Only a person who is logged in decides."
    facts = (
        get_user_model()
        .objects.filter(pk=user.pk)
        .values("username", "is_active", may_decide=Exists(_grants()), is_machine=Exists(_machines()))
        .first()
    )
    if facts is None:
        return "Only a person who is logged in decides."
    principal = Principal("machine" if facts["is_machine"] else "person", facts["username"])
    return policy.refusal(principal, active=facts["is_active"], has_permission=facts["may_decide"])


def _grants() -> QuerySet[Permission]:
    holder = Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk"))
    decide = Permission.objects.filter(content_type__app_label="approvals", codename="decide_proposedaction")
    return decide.filter(holder)


def _machines() -> QuerySet[Group]:
    return Group.objects.filter(name=MACHINES, user=OuterRef("pk"))
