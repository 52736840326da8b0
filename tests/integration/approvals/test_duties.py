"""Who may decide: a person with the permission, and nobody else, by service and by command."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.management import CommandError, call_command

from approvals import services
from approvals.models import Decision, ProposedAction, Verdict
from tests.integration.approvals.fakes import RecordingHooks, new_proposal

pytestmark = pytest.mark.django_db


def with_permission(user: User) -> None:
    user.user_permissions.add(Permission.objects.get(codename="decide_proposedaction"))


def in_groups(*names: str) -> Callable[[User], None]:
    def join(user: User) -> None:
        user.groups.add(*Group.objects.filter(name__in=names))

    return join


def superuser(user: User) -> None:
    user.is_superuser = user.is_staff = True
    user.save()


def inactive_approver(user: User) -> None:
    in_groups("Approvers")(user)
    user.is_active = False
    user.save()


def lookalike_permission(user: User) -> None:
    decide = Permission.objects.get(codename="decide_proposedaction")
    other = Permission.objects.exclude(content_type__app_label="approvals").first()
    assert other is not None
    user.user_permissions.add(
        Permission.objects.create(codename=decide.codename, content_type=other.content_type, name="Another app's")
    )


NOBODY = [
    pytest.param(lambda user: None, id="without the permission"),
    pytest.param(superuser, id="superuser"),
    pytest.param(in_groups("Viewers", "Sales"), id="viewer and sales"),
    pytest.param(in_groups("Machines"), id="machine"),
    pytest.param(in_groups("Machines", "Approvers"), id="machine among the approvers"),
    pytest.param(inactive_approver, id="inactive approver"),
    pytest.param(lookalike_permission, id="the same permission of another app"),
]


@pytest.fixture
def proposal(db: None) -> ProposedAction:
    return services.stage(new_proposal())


@pytest.mark.parametrize("verdict", [Verdict.APPROVE, Verdict.REJECT])
@pytest.mark.parametrize("make", NOBODY)
def test_the_service_refuses_everybody_else(
    proposal: ProposedAction, recording: RecordingHooks, make: Callable[[User], None], verdict: Verdict
) -> None:
    user = User.objects.create_user("eve")
    make(user)

    result = services.decide(proposal.pk, verdict, user=user, channel="admin", digest=proposal.digest, reason="because")

    assert result.outcome == "refused"
    assert_undecided(proposal, recording)


@pytest.mark.parametrize("make", NOBODY)
def test_nobody_else_edits(proposal: ProposedAction, recording: RecordingHooks, make: Callable[[User], None]) -> None:
    user = User.objects.create_user("eve")
    make(user)
    edits = [{"item": "", "field": "subject", "value": "Bonjour"}]

    result = services.edit(proposal.pk, edits, user=user, channel="admin", digest=proposal.digest)

    assert result.outcome == "refused"
    assert_undecided(proposal, recording)


@pytest.mark.parametrize("verdict", ["approve", "reject"])
@pytest.mark.parametrize("make", NOBODY)
def test_the_command_refuses_everybody_else(
    proposal: ProposedAction, recording: RecordingHooks, make: Callable[[User], None], verdict: str
) -> None:
    make(User.objects.create_user("eve"))
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command("decide", proposal.pk, verdict, user="eve", reason="because", json=True, stdout=out)

    assert refusal.value.returncode == 1
    assert json.loads(out.getvalue())["outcome"] == "refused"
    assert_undecided(proposal, recording)


@pytest.mark.parametrize("name", ["machine:mcp", "machine:mike"])
def test_the_command_refuses_a_machine_by_name(
    proposal: ProposedAction, mike: User, recording: RecordingHooks, name: str
) -> None:
    with pytest.raises(CommandError, match="only a person decides") as refusal:
        call_command("decide", proposal.pk, "approve", user=name)

    assert refusal.value.returncode == 1
    assert_undecided(proposal, recording)


def test_nobody_who_is_not_logged_in_decides(proposal: ProposedAction, recording: RecordingHooks) -> None:
    result = services.decide(
        proposal.pk, Verdict.APPROVE, user=AnonymousUser(), channel="admin", digest=proposal.digest
    )

    assert result.outcome == "refused"
    assert_undecided(proposal, recording)


def test_a_permission_that_was_taken_away_does_not_linger(
    proposal: ProposedAction, mike: User, recording: RecordingHooks
) -> None:
    assert mike.has_perm("approvals.decide_proposedaction")  # and is cached on the object
    mike.groups.clear()

    result = services.decide(proposal.pk, Verdict.APPROVE, user=mike, channel="admin", digest=proposal.digest)

    assert result.outcome == "refused"
    assert_undecided(proposal, recording)


@pytest.mark.parametrize("make", [with_permission, in_groups("Approvers"), in_groups("Approvers", "Sales")])
def test_a_person_with_the_permission_decides(
    proposal: ProposedAction, recording: RecordingHooks, make: Callable[[User], None]
) -> None:
    user = User.objects.create_user("ann")
    make(user)

    result = services.decide(proposal.pk, Verdict.APPROVE, user=user, channel="admin", digest=proposal.digest)

    assert result.outcome == "approved"


def test_mike_decides_what_he_proposed_himself(mike: User, recording: RecordingHooks) -> None:
    proposal = services.stage(new_proposal(proposed_by="person:mike"))

    result = services.decide(proposal.pk, Verdict.APPROVE, user=mike, channel="admin", digest=proposal.digest)

    assert result.outcome == "approved"


def assert_undecided(proposal: ProposedAction, recording: RecordingHooks) -> None:
    proposal.refresh_from_db()
    assert (proposal.status, recording.checked, recording.effects) == ("pending", [], [])
    assert (ProposedAction.objects.count(), Decision.objects.count()) == (1, 0)
