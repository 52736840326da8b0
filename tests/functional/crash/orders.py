"""What the company is asked to do in a wave: commands with keys, so that whoever finds one undone may give it again."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

YEAR = "2031-32"
ITEMS = ("BEANS", "MILK", "RICE")
ADDRESS, CREDIT = "1 Main Street\nTroy, NY 12180", "5000.00"
CANCELLED, EXPIRED, CONTINUED = "cancelled", "expired", "continued"
# How the first run of such an order ends; every other completes.
ENDS = {CANCELLED: "cancelled", EXPIRED: "expired", CONTINUED: "partial"}
FIRST_RUN = "manual:new_customer:"  # begins the key of its first run, before the kind
DISPUTE = "inbound_email_triage_classification"


@dataclass(frozen=True, kw_only=True)
class Order:
    """One thing that somebody wants. `known_as`: the unique key of the run or event that its command makes.

    `name`: the company that it is about, no other order is about it. `mailboxes`: each of these gets one letter of it.
    """

    kind: str
    name: str
    known_as: str
    command: Sequence[str]
    mailboxes: Sequence[str]


def new_customer(key: str) -> Order:
    """A customer, its record in NetSuite, and a welcome letter."""
    name, email = f"Kitchen {key}", f"{key}@kitchen.example"
    inputs = {"company_name": name, "contact_email": email, "billing_address": ADDRESS, "credit_limit": CREDIT}
    return _run("new_customer", key, name, inputs, [email])


def ending_otherwise(kind: str, key: str) -> Order:
    """A new customer whose run ends otherwise (`ENDS`); one that is continued arrives all the same."""
    order = new_customer(f"{kind}-{key}")
    return replace(order, kind=kind, mailboxes=order.mailboxes if kind == CONTINUED else [])


def customer_quote(key: str, customer: Mapping[str, str]) -> Order:
    """A quote from its draft to the letter with the PDF, and the estimate in NetSuite."""
    inputs = {"customer_id": customer["id"], "item_codes": list(ITEMS), "school_year": YEAR}
    return _run("quote_draft", key, customer["name"], inputs, [customer["email"]])


def dispute(key: str, customer: Mapping[str, str]) -> Order:
    """A disputed invoice: an answer, an escalation, and a note to the sales rep."""
    payload = {
        "email_uuid": key,
        "customer_id": customer["id"],
        "invoice_ref": customer["invoice"],
        "reason_text": "Billed twice",
    }
    command = ["emit_event", DISPUTE, "--payload", json.dumps(payload), "--key", key]
    mailboxes = [customer["email"], customer["rep"]]
    return Order(kind="dispute", name=customer["name"], known_as=key, command=command, mailboxes=mailboxes)


def _run(kind: str, key: str, name: str, inputs: Mapping[str, Any], mailboxes: Sequence[str]) -> Order:
    command = ["start_run", kind, "--input", json.dumps(inputs), "--key", key]
    return Order(kind=kind, name=name, known_as=f"manual:{kind}:{key}", command=command, mailboxes=mailboxes)


def write(orders: Iterable[Order], path: Path) -> None:
    """Leave the orders where every worker finds them."""
    path.write_text(json.dumps([asdict(order) for order in orders]), encoding="utf-8")


def read(path: Path) -> list[Order]:
    """The orders of `write`."""
    return [Order(**values) for values in json.loads(path.read_text(encoding="utf-8"))]
