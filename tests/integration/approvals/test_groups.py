"""approvals.groups: they are there after every migration, and after a flush."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db.migrations.state import ModelState, StateApps

from approvals.groups import grant_view, make_groups


def permissions_of(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


VIEW = {"view_decision", "view_decisionchain", "view_proposedaction"}


@pytest.mark.django_db
def test_approvers_decide_and_viewers_see() -> None:
    assert permissions_of("Approvers") >= {"decide_proposedaction"} | VIEW
    assert permissions_of("Viewers") >= VIEW
    assert not any(codename.startswith(("decide", "add", "change", "delete")) for codename in permissions_of("Viewers"))
    assert permissions_of("Sales") | permissions_of("Machines") == set()


@pytest.mark.django_db
def test_they_are_made_even_when_nothing_was_there() -> None:
    Group.objects.all().delete()
    Permission.objects.all().delete()

    make_groups(apps.get_app_config("approvals"))

    assert permissions_of("Approvers") == {"decide_proposedaction"} | VIEW


@pytest.mark.django_db
def test_making_them_again_keeps_what_was_granted_by_hand() -> None:
    Group.objects.get(name="Sales").permissions.add(Permission.objects.get(codename="view_decision"))

    make_groups(apps.get_app_config("approvals"))

    assert permissions_of("Sales") == {"view_decision"}


@pytest.mark.django_db
def test_another_app_may_show_its_tables_to_viewers() -> None:
    grant_view(apps.get_app_config("workflows_app"))

    assert "view_workflowrun" in permissions_of("Viewers")


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["contenttypes", "auth"])
def test_a_database_that_is_migrated_in_part_has_none_yet(label: str) -> None:
    Group.objects.all().delete()
    tables = [ContentType] if label == "contenttypes" else [ContentType, Permission, Group]
    so_far = StateApps(
        [], {(model._meta.app_label, model._meta.model_name): ModelState.from_model(model) for model in tables}
    )

    make_groups(apps.get_app_config("approvals"), apps=so_far)

    assert Group.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_they_are_there_after_a_flush() -> None:
    call_command("flush", interactive=False, verbosity=0)

    assert "decide_proposedaction" in permissions_of("Approvers")
