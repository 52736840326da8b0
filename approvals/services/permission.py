"""Read the facts about a user that the policy judges."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from approvals import policy
from approvals.groups import MACHINES
from approvals.principals import Principal

# Every decision asks this; written out, because the ORM takes longer to write it than the database to answer.
_FACTS = """
SELECT u.username, u.is_active,
  EXISTS (
    SELECT 1 FROM auth_user_groups m JOIN auth_group g ON g.id = m.group_id
    WHERE m.user_id = u.id AND g.name = %s
  ) AS is_machine,
  EXISTS (
    SELECT 1 FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE t.app_label = 'approvals' AND p.codename = 'decide_proposedaction' AND (
      p.id IN (SELECT d.permission_id FROM auth_user_user_permissions d WHERE d.user_id = u.id)
      OR p.id IN (
        SELECT h.permission_id FROM auth_group_permissions h JOIN auth_user_groups m ON m.group_id = h.group_id
        WHERE m.user_id = u.id
      )
    )
  ) AS may_decide
FROM auth_user u WHERE u.id = %s
"""


def permission_refusal(user: AbstractBaseUser | AnonymousUser) -> str | None:
    """Why `user` may not decide, or None.

    Read from the database each time, and not by `has_perm`: that says yes to every superuser, and caches.
    """
    facts = None if user.pk is None else _facts(user.pk)
    if facts is None:
        return "Only a person who is logged in decides."
    username, is_active, is_machine, may_decide = facts
    principal = Principal("machine" if is_machine else "person", username)
    return policy.refusal(principal, active=bool(is_active), has_permission=bool(may_decide))


def _facts(user_id: int) -> tuple[str, bool, bool, bool] | None:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [MACHINES, user_id])
        found: tuple[str, bool, bool, bool] | None = cursor.fetchone()
        return found
