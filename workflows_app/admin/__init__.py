"""The console. Importing this package registers every page; Django does that at start-up."""

from workflows_app.admin import alerts, drafted, hold, mirror, outbox, platform, pushes, queue, runs, sync, users
from workflows_app.admin.contracts import lists as contracts
from workflows_app.admin.machines import deliveries
from workflows_app.admin.machines import lists as machines
from workflows_app.admin.mail_in import lists as mail_in
from workflows_app.admin.proposals import lists as proposals
from workflows_app.admin.run import lists as run

__all__ = [
    "alerts",
    "contracts",
    "deliveries",
    "drafted",
    "hold",
    "machines",
    "mail_in",
    "mirror",
    "outbox",
    "platform",
    "proposals",
    "pushes",
    "queue",
    "run",
    "runs",
    "sync",
    "users",
]
