"""`POST /services/rest/query/v1/suiteql`: a query, its parameters, a page of rows."""

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from workflows_app.netsuite.sandbox.errors import bad_parameter, bad_request
from workflows_app.netsuite.sandbox.outgoing import paged
from workflows_app.netsuite.sandbox.record_api import answer, body_of, page_of
from workflows_app.netsuite.sandbox.store import Store
from workflows_app.netsuite.sandbox.suiteql.dates import as_shown, register
from workflows_app.netsuite.sandbox.suiteql.dialect import refused
from workflows_app.netsuite.sandbox.suiteql.translate import Translated, translate

PATH = "/services/rest/query/v1/suiteql"
MOST_ROWS = 100_000
_LONGEST_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class QueryApi:
    """Runs queries; sees one state of the file per request, so a page may move when records change in between."""

    store: Store

    def run(self, request: Request) -> Response:
        """A page of the rows of a query."""
        if "transient" not in request.headers.get("Prefer", "").replace(" ", "").split(","):
            raise bad_request("The required request header Prefer: transient is missing.", header="Prefer")
        body = body_of(request)
        limit, offset = page_of(request)
        if offset >= MOST_ROWS:
            raise bad_parameter(f"A query returns at most {MOST_ROWS} results.", "offset")
        query = translate(_text(body))
        values = _values(body, query)
        rows, total = self._rows(query, values, min(limit, MOST_ROWS - offset), offset)
        items = [_item(row, query.dates) for row in rows]
        document = paged(
            items, total=min(total, MOST_ROWS), limit=limit, offset=offset, address=request.host_url.rstrip("/") + PATH
        )
        return answer(document, "application/vnd.oracle.resource+json; type=collection")

    def _rows(
        self, query: Translated, values: list[str], limit: int, offset: int
    ) -> tuple[list[sqlite3.Row], int]:  # fmt: skip
        with self.store.reading() as db:
            register(db, self.store.local(self.store.now()))
            end = time.monotonic() + _LONGEST_SECONDS
            db.set_progress_handler(lambda: int(time.monotonic() > end), 100_000)
            try:
                rows = db.execute(query.page_sql, [*values, limit, offset]).fetchall()
                short = len(rows) < limit and (rows or not offset)
                total = offset + len(rows) if short else db.execute(query.count_sql, values).fetchone()[0]
            except sqlite3.Error as error:
                raise refused(f"Search error occurred: {error}") from None
        return rows, total


def _text(body: Mapping[str, Any]) -> str:
    text = body.get("q")
    if not isinstance(text, str) or not text.strip():
        raise bad_parameter("The query is missing.", "q")
    return text


def _values(body: Mapping[str, Any], query: Translated) -> list[str]:
    values = body.get("params", [])
    if not isinstance(values, list) or not all(isinstance(value, str | int | float) for value in values):
        raise bad_parameter("The parameters have to be a list of values.", "params")
    if len(values) != query.values:
        raise bad_parameter(f"The query has {query.values} parameters, {len(values)} were given.", "params")
    return [str(value) for value in values]


def _item(row: sqlite3.Row, dates: frozenset[str]) -> dict[str, Any]:
    """A row as NetSuite writes it: every value a text, nothing where there is nothing."""
    item: dict[str, Any] = {"links": []}
    for name in row.keys():  # noqa: SIM118 - a Row is no mapping
        value = row[name]
        if value is not None:
            item[_shown_name(name)] = as_shown(value) if name in dates else _as_text(value)
    return item


def _shown_name(name: str) -> str:
    """An expression without an alias is called expr1, expr2, …"""
    return f"expr{int(name.removeprefix('_col_')) + 1}" if name.startswith("_col_") else name.lower()


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)
