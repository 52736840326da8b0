"""`POST /services/rest/query/v1/suiteql`."""

from dataclasses import dataclass

from werkzeug.wrappers import Request, Response

from workflows_app.netsuite.sandbox.store import Store

PATH = "/services/rest/query/v1/suiteql"


@dataclass(frozen=True, kw_only=True)
class QueryApi:
    store: Store

    def run(self, request: Request) -> Response:
        raise NotImplementedError
