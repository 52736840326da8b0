"""A fresh database with the demo company, the contracts and mike; a NetSuite of its own; letters go to files."""

import email
import email.message
import email.policy
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import override_settings

from approvals import services
from approvals.clock import database_now
from approvals.groups import APPROVERS
from approvals.models import ProposedAction, Verdict
from approvals.principals import Principal
from workflows_app.delivery.email import deliver_emails
from workflows_app.models import WorkflowContract, WorkflowRun
from workflows_app.models.catalog import model_for
from workflows_app.netsuite.account import NO_ACCOUNT
from workflows_app.netsuite.push import drain_pushes
from workflows_app.netsuite.sandbox.filling import fill
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.reading.readonly import READONLY_ALIAS
from workflows_app.runner.verify import run_due
from workflows_app.triggers import manual
from workflows_app.triggers.work import work

# Django's file backend ends every message with this line, and may put two messages of one second into one file.
_BETWEEN = b"\n" + b"-" * 79 + b"\n"

# What the demo's NetSuite knows before the demo; its transactions are not needed there.
_KNOWN = ("customers", "payment_terms", "pricing_tiers", "sales_reps", "spec_items", "vendors")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter as it lies in the recipient's mailbox; `attachments` are the SHA-256 of each file."""

    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class World:
    """What a scenario may do: start, decide as mike, let workers work, deliver, verify, and look at the far ends."""

    mike: User
    mailbox: Path
    netsuite: Sandbox

    def start(self, workflow_type: str, inputs: dict[str, Any]) -> WorkflowRun:
        """Start a workflow by hand."""
        contract = WorkflowContract.objects.get(workflow_type=workflow_type, active=True)
        return manual.start(contract, inputs, principal=Principal.person(self.mike), source="demo")

    def decide(self, proposal: ProposedAction, verdict: str = "approve", reason: str = "") -> services.DecisionResult:
        """Decide as mike, on the digest that is shown."""
        return services.decide(
            proposal.pk,
            Verdict(verdict),
            user=self.mike,
            channel="demo",
            digest=proposal.digest,
            reason=reason,
        )

    def approve_all(self, run_id: str, **conditions: Any) -> int:
        """Approve every pending proposal of a run that matches; how many were approved."""
        pending = ProposedAction.objects.filter(run_id=run_id, status="pending", **conditions).order_by("pk")
        approved = sum(self.decide(proposal).outcome == "approved" for proposal in pending)
        self.work()
        return approved

    def work(self) -> None:
        """Let everything that is ready be done, and letters and pushes be delivered."""
        while work():
            pass
        deliver_emails()
        drain_pushes()

    def verify(self, now: datetime | None = None) -> None:
        """Execute the checks that are due at `now`."""
        run_due(now or database_now())

    def letters(self, to: str) -> list[Letter]:
        """What arrived for an address."""
        return [letter for letter in self._all_letters() if letter.to == to]

    def _all_letters(self) -> Iterator[Letter]:
        for path in sorted(self.mailbox.glob("*")):
            for content in path.read_bytes().split(_BETWEEN)[:-1]:
                yield _letter(email.message_from_bytes(content, policy=email.policy.default))


def _letter(message: email.message.EmailMessage) -> Letter:
    body = message.get_body(preferencelist=("plain",))
    files = [part.get_payload(decode=True) for part in message.iter_attachments()]
    return Letter(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=body.get_content() if body else "",
        attachments=tuple(hashlib.sha256(content).hexdigest() for content in files if isinstance(content, bytes)),
    )


@contextmanager
def fresh_world() -> Iterator[World]:
    """A database beside the configured one, made by the migrations and destroyed at the end, with the demo company."""
    original = str(connection.settings_dict["NAME"])
    if connection.vendor == "postgresql":  # two demos at a time must not take each other's database
        connection.settings_dict["TEST"]["NAME"] = f"{original}_demo_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    if READONLY_ALIAS in settings.DATABASES:  # its login knows the configured database only
        connections[READONLY_ALIAS].settings_dict.update(connection.settings_dict)
    try:
        furnish()
        with opened() as world:
            yield world
    finally:
        connection.creation.destroy_test_db(original, verbosity=0)


def furnish() -> None:
    """Put the contracts, the demo company and mike into an empty database."""
    call_command("load_contracts", verbosity=0, stdout=_Silent())
    call_command("load_demo", verbosity=0, stdout=_Silent())
    mike = User.objects.create_user("mike", is_staff=True)
    mike.groups.add(Group.objects.get(name=APPROVERS))


@contextmanager
def opened() -> Iterator[World]:
    """The world of a furnished database: an empty mailbox and artifact store, a NetSuite that knows the company."""
    with (
        tempfile.TemporaryDirectory(prefix="countersign-demo-") as folder,
        Sandbox(Path(folder, "netsuite")) as netsuite,
    ):
        fill(
            netsuite.account.store, {name: model_for(name)._default_manager.values() for name in _KNOWN}, database_now()
        )
        mailbox = Path(folder, "mail")
        mailbox.mkdir()
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend",
            EMAIL_FILE_PATH=str(mailbox),
            MEDIA_ROOT=str(Path(folder, "artifacts")),
            NETSUITE={**settings.NETSUITE, **NO_ACCOUNT, **netsuite.django_settings},
        ):
            yield World(mike=User.objects.get(username="mike"), mailbox=mailbox, netsuite=netsuite)


class _Silent:
    """Takes what set-up commands print."""

    def write(self, text: str) -> None:
        """Drop it."""
