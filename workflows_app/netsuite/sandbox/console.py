"""The sandbox's own addresses, `/sandbox/…`: plant faults, read what arrived, look at records. No login: loopback only.

GET    /sandbox/                 what there is
POST   /sandbox/faults           plant a rule: {"fault": "commit_then_drop", "method": "PUT", "times": 2, …}
GET    /sandbox/faults           the rules that are left      DELETE: none any more
GET    /sandbox/arrived          the last requests            DELETE: forget them
GET    /sandbox/records/<type>   every record, lines included
POST   /sandbox/reset            no faults, no arrivals, no records
"""

import json
from dataclasses import asdict
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from workflows_app.netsuite.sandbox.account import SandboxAccount
from workflows_app.netsuite.sandbox.catalog import RECORD_TYPES
from workflows_app.netsuite.sandbox.errors import RestError
from workflows_app.netsuite.sandbox.faults import rule_from
from workflows_app.netsuite.sandbox.outgoing import Writer
from workflows_app.netsuite.sandbox.record_api import PATH, known
from workflows_app.netsuite.sandbox.reset import empty
from workflows_app.netsuite.sandbox.store import rows


class Console:
    """Answers the sandbox's own addresses."""

    def __init__(self, account: SandboxAccount) -> None:
        self._account = account
        self._map = Map(
            [
                Rule("/sandbox/", methods=["GET"], endpoint=self._overview),
                Rule("/sandbox/faults", methods=["GET"], endpoint=self._faults),
                Rule("/sandbox/faults", methods=["POST"], endpoint=self._plant),
                Rule("/sandbox/faults", methods=["DELETE"], endpoint=self._unplant),
                Rule("/sandbox/arrived", methods=["GET"], endpoint=self._arrived),
                Rule("/sandbox/arrived", methods=["DELETE"], endpoint=self._forget),
                Rule("/sandbox/records/<name>", methods=["GET"], endpoint=self._records),
                Rule("/sandbox/reset", methods=["POST"], endpoint=self._reset),
            ]
        )

    def answer(self, request: Request) -> Response:
        """Carry out one request."""
        try:
            endpoint, values = self._map.bind_to_environ(request.environ).match()
            document = endpoint(request, **values)
        except (RestError, ValueError) as error:
            return _json({"error": str(error)}, status=400)
        except HTTPException as error:
            return _json({"error": error.description}, status=error.code or 404)
        return _json(document)

    def _overview(self, request: Request) -> Any:
        with self._account.store.reading() as db:
            tables = {record.table for record in RECORD_TYPES.values()}
            counts = {table: db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in sorted(tables)}  # noqa: S608
        governance = self._account.governance
        return {"what": "Countersign's NetSuite sandbox", "account": self._account.settings.account, "rows": counts,
                "concurrency": {"limit": governance.limit, "most": governance.most}}  # fmt: skip

    def _faults(self, request: Request) -> Any:
        return [asdict(rule) for rule in self._account.faults.planted()]

    def _plant(self, request: Request) -> Any:
        self._account.faults.plant(rule_from(json.loads(request.get_data())))
        return self._faults(request)

    def _unplant(self, request: Request) -> Any:
        self._account.faults.clear()
        return []

    def _arrived(self, request: Request) -> Any:
        return self._account.arrivals.all()

    def _forget(self, request: Request) -> Any:
        self._account.arrivals.clear()
        return []

    def _records(self, request: Request, name: str) -> Any:
        return all_records(self._account, name)

    def _reset(self, request: Request) -> Any:
        self._account.faults.clear()
        self._account.arrivals.clear()
        with self._account.store.writing() as db:
            empty(db)
        return {"done": True}


def all_records(account: SandboxAccount, name: str) -> list[dict[str, Any]]:
    """Every record of a type as GET would show it, lines included."""
    record = known(name)
    fixed = "".join(f" AND \"{column}\" = '{value}'" for column, value in record.fixed.items())
    with account.store.reading() as db:
        today = account.store.local(account.store.now())[:10]
        writer = Writer(db=db, base=PATH, today=today, expand=True)
        found = rows(db, f'SELECT * FROM "{record.table}" WHERE 1 = 1{fixed} ORDER BY id')  # noqa: S608
        return [writer.record(record, row) for row in found]


def _json(document: Any, status: int = 200) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), status=status, content_type="application/json")
