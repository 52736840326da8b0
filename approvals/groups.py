"""The groups of people and machines, made whenever the database was migrated or emptied."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

APPROVERS = "Approvers"  # decide
VIEWERS = "Viewers"  # see everything, change nothing
SALES = "Sales"  # submit the intake form; what that takes is granted by whoever owns the form
MACHINES = "Machines"  # users of tokens and integrations; never decide, whatever else they hold


def make_groups(sender: AppConfig, using: str = "default", apps: Apps = installed, **kwargs: Any) -> None:
    """Create the groups and let approvers decide; a receiver of `post_migrate`."""
    if not _has(apps, "auth", "Group") or not _has(apps, "approvals", "ProposedAction"):
        return
    for name in (APPROVERS, VIEWERS, SALES, MACHINES):
        Group.objects.using(using).get_or_create(name=name)
    grant_view(sender, using, apps)
    decide = Permission.objects.using(using).get(content_type__app_label="approvals", codename="decide_proposedaction")
    Group.objects.using(using).get(name=APPROVERS).permissions.add(decide)


def grant_view(sender: AppConfig, using: str = "default", apps: Apps = installed, **kwargs: Any) -> None:
    """Let approvers and viewers see every table of the app `sender`; a receiver of `post_migrate`."""
    if not _has(apps, "auth", "Group"):
        return
    create_permissions(sender, verbosity=0, using=using, apps=apps)  # we may come before django.contrib.auth's receiver
    view = Permission.objects.using(using).filter(content_type__app_label=sender.label, codename__startswith="view_")
    for name in (APPROVERS, VIEWERS):
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.add(*view)


def _has(apps: Apps, label: str, model: str) -> bool:
    """Whether the table is there already: `migrate contenttypes` or `migrate auth` alone sends the signal as well."""
    try:
        apps.get_model(label, model)
    except LookupError:
        return False
    return True
