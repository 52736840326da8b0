"""Which address is answered by what."""

import json
from collections.abc import Callable

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from workflows_app.netsuite.sandbox.account import SandboxAccount
from workflows_app.netsuite.sandbox.record_api import PATH as RECORDS
from workflows_app.netsuite.sandbox.record_api import RecordApi
from workflows_app.netsuite.sandbox.suiteql.query_api import PATH as SUITEQL
from workflows_app.netsuite.sandbox.suiteql.query_api import QueryApi
from workflows_app.netsuite.sandbox.tokens import TokenRefusedError

_SERVER_TIME = "/services/rest/system/v1/serverTime"


class Routes:
    """The documented endpoints."""

    def __init__(self, account: SandboxAccount) -> None:
        self._account = account
        records = RecordApi(store=account.store, settings=account.settings)
        queries = QueryApi(store=account.store)
        self._map = Map(
            [
                _rule("GET", f"{RECORDS}/<record_type>", records.search),
                _rule("POST", f"{RECORDS}/<record_type>", records.create),
                _rule("GET", f"{RECORDS}/<record_type>/<key>", records.get),
                _rule("PATCH", f"{RECORDS}/<record_type>/<key>", records.change),
                _rule("PUT", f"{RECORDS}/<record_type>/<key>", records.upsert),
                _rule("DELETE", f"{RECORDS}/<record_type>/<key>", records.delete),
                _rule("GET", f"{RECORDS}/<record_type>/<key>/<name>", records.sublist),
                _rule("POST", SUITEQL, queries.run),
                _rule("GET", _SERVER_TIME, self._server_time),
            ]
        )

    def answer(self, request: Request) -> Response:
        """The answer of the endpoint; werkzeug's NotFound or MethodNotAllowed when there is none."""
        endpoint, values = self._map.bind_to_environ(request.environ).match()
        response: Response = endpoint(request, **values)
        return response

    def token(self, request: Request) -> Response:
        """The token endpoint; its errors have OAuth's own form."""
        try:
            found = self._account.tokens.exchange(request.form, request.base_url)
        except TokenRefusedError as error:
            return _json({"error": error.error}, status=400)
        return _json(found)

    def _server_time(self, request: Request) -> Response:
        return _json({"serverTime": self._account.store.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")})


def record_type_of(path: str) -> str:
    """The record type that an address is about; empty for all others."""
    return path.removeprefix(f"{RECORDS}/").partition("/")[0] if path.startswith(f"{RECORDS}/") else ""


def _rule(method: str, path: str, endpoint: Callable[..., Response]) -> Rule:
    rule = Rule(path, methods=[method], endpoint=endpoint)
    if rule.methods:
        rule.methods.discard("HEAD")
    return rule


def _json(document: dict[str, str], status: int = 200) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")
