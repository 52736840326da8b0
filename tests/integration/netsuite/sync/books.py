"""A small company in the sandbox, made by its REST API, as people of NetSuite would."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workflows_app.models import SyncLog
from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.sandbox.server import Sandbox
from workflows_app.netsuite.sync.kinds import CHANGES
from workflows_app.netsuite.sync.passes import run_pass

Body = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """What people do in NetSuite."""

    client: NetSuite

    def term(self, name: str = "Net 30", days: int = 30) -> str:
        return self.client.create("term", {"name": name, "daysUntilNetDue": days})

    def rep(self, first: str = "Ana", last: str = "Beltrán") -> str:
        body = {"firstName": first, "lastName": last, "email": "rep@example.org", "isSalesRep": True}
        return self.client.create("employee", body)

    def item(self, code: str = "DRY-1001", price: float = 26.03, **more: Any) -> str:
        levels = {"items": [{"priceLevel": {"id": "1"}, "price": price}]}
        body = {"itemId": code, "displayName": code, "salesDescription": f"Item {code}", "price": levels}
        return self.client.create("inventoryItem", {**body, **more})

    def customer(self, name: str = "Café Ñandú", **more: Any) -> str:
        return self.client.create("customer", {"companyName": name, "email": "ap@example.org", **more})

    def invoice(self, customer: str, item: str, *amounts: float, **more: Any) -> str:
        return self.client.create("invoice", {"entity": {"id": customer}, **_lines(item, amounts), **more})

    def replace_lines(self, invoice: str, item: str, *amounts: float) -> None:
        self.client.update("invoice", invoice, _lines(item, amounts), replace=["item"])

    def payment(self, customer: str, total: float, **applied: float) -> str:
        """A payment; `applied` by invoice, as `i123=10.0`."""
        body = {"customer": {"id": customer}, "payment": total, "apply": {"items": _applied(applied)}}
        return self.client.create("customerPayment", body)


def days_ago(sandbox: Sandbox, table: str, days: float = 3) -> None:
    """Let every record of a table be as if it was changed so long ago."""
    store = sandbox.account.store
    stamps = store.stamps(store.now() - timedelta(days=days), new=False)
    with store.writing() as db:
        db.execute(f'UPDATE "{table}" SET {", ".join(f"{name} = ?" for name in stamps)}', tuple(stamps.values()))


def _lines(item: str, amounts: Sequence[float]) -> Body:
    items = [
        {
            "line": number,
            "item": {"id": item},
            "quantity": 2,
            "rate": amount / 2,
            "amount": amount,
            "description": "Rice",
        }
        for number, amount in enumerate(amounts, start=1)
    ]
    return {"item": {"items": items}}


def _applied(applied: dict[str, float]) -> list[Body]:
    return [{"doc": {"id": invoice[1:]}, "amount": amount, "apply": True} for invoice, amount in applied.items()]


def synced(kind: str = CHANGES, **how: Any) -> SyncLog:
    """A pass that completed."""
    row = run_pass(kind, **how)
    assert row is not None
    assert (row.status, row.error) == ("completed", "")
    return row
