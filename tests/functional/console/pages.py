"""The pages of the console, by name: those of our own making, and one list of each kind of table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.functional.installation import Database

_LISTS: Final = {
    "proposals": "approvals/proposedaction",
    "runs": "workflows_app/workflowrun",
    "contracts": "workflows_app/workflowcontract",
    "alerts": "workflows_app/alert",
    "pushes": "workflows_app/pendingpush",
    "letters": "workflows_app/outboundemail",
    "sync": "workflows_app/synclog",
    "customers": "workflows_app/customer",
    "users": "auth/user",
    "mail": "workflows_app/inboundemail",
    "corrections": "workflows_app/triagecorrection",
    "tokens": "workflows_app/apitoken",
    "sources": "workflows_app/webhooksource",
    "subscriptions": "workflows_app/webhooksubscription",
    "deliveries": "workflows_app/webhookdelivery",
    "drafts": "workflows_app/draftedtext",
}
_PLAIN: Final = {
    "front": "",
    "inbox": "inbox/",
    "memory": "memory/",
    "intake": "intake/",
    "hold": "workflows_app/hold/",
    "form": "intake/new_customer/",
}


# One of each: the column of its key, and where it stands.
_RECORDS: Final = {
    "pendingpush": "(id) FROM ns_pending_pushes",
    "outboundemail": "(id) FROM outbound_email_log",
    "inboundemail": "(uuid) FROM inbound_emails WHERE triage = 'waiting'",
    "apitoken": "(id) FROM api_tokens",
    "webhooksubscription": "(id) FROM webhook_subscriptions",
    "webhookdelivery": "(id) FROM webhook_deliveries",
    "draftedtext": "(id) FROM drafted_texts",
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A page: its name in the file of its picture, and its address after the site's own."""

    name: str
    path: str


def places(database: Database) -> list[Place]:
    """Every page of our own making in every state that the filled database has, and a list of each kind."""
    plain = [Place(name=name, path=f"/{path}") for name, path in _PLAIN.items()]
    lists = [Place(name=f"list-{name}", path=f"/{path}/") for name, path in _LISTS.items()]
    return [*plain, *_cards(database), *_runs(database), *_contracts(database), *_records(database), *lists]


def one_of_each_kind(found: list[Place]) -> list[Place]:
    """The first page of each kind and state; the others differ in their rows."""
    kinds: dict[str, Place] = {}
    for place in found:
        kinds.setdefault("-".join(place.name.split("-")[: 2 if place.name.startswith(("card", "list")) else 1]), place)
    return list(kinds.values())


def _cards(database: Database) -> Iterator[Place]:
    sql = (
        "SELECT status, action_type, CASE WHEN step = '' THEN 'gate' ELSE 'leaf' END, MIN(id) FROM proposed_actions "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    for status, kind, place, pk in database.execute(sql):
        yield Place(name=f"card-{status}-{kind}-{place}", path=f"/approvals/proposedaction/{_quoted(pk)}/change/")


def _runs(database: Database) -> Iterator[Place]:
    sql = "SELECT workflow_type, status, MIN(id) FROM workflow_runs GROUP BY 1, 2 ORDER BY 1, 2"
    for workflow, status, pk in database.execute(sql):
        yield Place(name=f"run-{workflow}-{status}", path=f"/workflows_app/workflowrun/{_quoted(pk)}/change/")


def _contracts(database: Database) -> Iterator[Place]:
    sql = "SELECT workflow_type, id FROM workflow_contracts WHERE active ORDER BY 1"
    for workflow, pk in database.execute(sql):
        yield Place(name=f"contract-{workflow}", path=f"/workflows_app/workflowcontract/{pk}/change/")
        yield Place(name=f"start-{workflow}", path=f"/workflows_app/workflowcontract/start/{workflow}/")


def _records(database: Database) -> Iterator[Place]:
    for name, found in _RECORDS.items():
        pk = database.value(f"SELECT MIN{found}")
        assert pk is not None, f"there is no {name} to look at"
        yield Place(name=name, path=f"/workflows_app/{name}/{_quoted(str(pk))}/change/")


def _quoted(pk: str) -> str:
    """As Django's admin writes a key into an address."""
    return "".join(f"_{ord(sign):02X}" if sign in ':/_#?;@&=+$,"[]<>%\n\\' else sign for sign in pk)
