"""The record API: what each request to `/services/rest/record/v1/…` does."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from workflows_app.netsuite.sandbox.catalog import RECORD_TYPES
from workflows_app.netsuite.sandbox.errors import RestError, bad_parameter, bad_request, no_such_record
from workflows_app.netsuite.sandbox.fields import RecordType
from workflows_app.netsuite.sandbox.incoming import Incoming, Reader
from workflows_app.netsuite.sandbox.outgoing import Writer, paged
from workflows_app.netsuite.sandbox.records import Records
from workflows_app.netsuite.sandbox.search import condition
from workflows_app.netsuite.sandbox.settings import SandboxSettings
from workflows_app.netsuite.sandbox.store import Store

PATH = "/services/rest/record/v1"
_SINGULAR = "application/vnd.oracle.resource+json; type=singular"
_COLLECTION = "application/vnd.oracle.resource+json; type=collection"
_BODY_TYPES = ("application/json", "application/vnd.oracle.resource+json")
_NAMES_HEADER = "X-NetSuite-PropertyNameValidation"
_VALIDATIONS = ("error", "warning", "ignore")
MOST_ROWS = 1000


@dataclass(frozen=True, kw_only=True)
class RecordApi:
    """Answers requests for records."""

    store: Store
    settings: SandboxSettings

    def get(self, request: Request, record_type: str, key: str) -> Response:
        """One record, or 404."""
        record = known(record_type)
        only = tuple(filter(None, request.args.get("fields", "").split(",")))
        with self.store.reading() as db:
            row = self._records(db).find(record, key)
            writer = Writer(
                db=db, base=request.host_url.rstrip("/") + PATH, today=self._today(), expand=_expands(request)
            )
            return answer(writer.record(record, row, only), _SINGULAR)

    def sublist(self, request: Request, record_type: str, key: str, name: str) -> Response:
        """The lines of a record."""
        record = known(record_type)
        if name not in record.sublist:
            raise no_such_record()
        with self.store.reading() as db:
            row = self._records(db).find(record, key)
            base = request.host_url.rstrip("/") + PATH
            writer = Writer(db=db, base=base, today=self._today(), expand=True)
            address = f"{base}/{record.name}/{row['id']}"
            return answer(writer.sublist(record, record.sublist[name], int(row["id"]), address), _COLLECTION)

    def search(self, request: Request, record_type: str) -> Response:
        """Ids and links of the records that `q` describes."""
        record = known(record_type)
        limit, offset = page_of(request)
        wanted, values = condition(record, request.args.get("q", ""))
        fixed = "".join(f" AND \"{column}\" = '{value}'" for column, value in record.fixed.items())
        where = f'FROM "{record.table}" WHERE {wanted}{fixed}'
        address = f"{request.host_url.rstrip('/')}{PATH}/{record.name}"
        with self.store.reading() as db:
            total = db.execute(f"SELECT count(*) {where}", values).fetchone()[0]
            ids = db.execute(f"SELECT id {where} ORDER BY id LIMIT ? OFFSET ?", [*values, limit, offset])
            items: list[Mapping[str, Any]] = [
                {"links": [{"rel": "self", "href": f"{address}/{row[0]}"}], "id": str(row[0])} for row in ids
            ]
        return answer(paged(items, total=total, limit=limit, offset=offset, address=address), _COLLECTION)

    def create(self, request: Request, record_type: str) -> Response:
        """A new record."""
        record, body = known(record_type), body_of(request)
        with self.store.writing() as db:
            incoming = Reader(db=db, validation=_validation(request)).read(record, body)
            key = self._records(db).create(record, incoming)
        return _done(request, record, key, incoming)

    def change(self, request: Request, record_type: str, key: str) -> Response:
        """Change a record that is there."""
        record, body = known(record_type), body_of(request)
        with self.store.writing() as db:
            records = self._records(db)
            row = records.find(record, key)
            incoming = Reader(db=db, validation=_validation(request)).read(record, body)
            records.change(record, row, incoming, _replaced(request, record))
        return _done(request, record, int(row["id"]), incoming)

    def upsert(self, request: Request, record_type: str, key: str) -> Response:
        """Create or change the record with an external id; an internal id is refused."""
        record, body = known(record_type), body_of(request)
        if not key.startswith("eid:"):
            raise bad_request("The upsert operation is supported only with an external ID (eid:).", url=request.path)
        body = {**body, "externalId": key.removeprefix("eid:")}
        with self.store.writing() as db:
            records = self._records(db)
            incoming = Reader(db=db, validation=_validation(request)).read(record, body)
            row = records.look_up(record, key)
            if row is None:
                own_key = records.create(record, incoming)
            else:
                incoming.columns["externalid"] = row["externalid"]
                own_key = records.change(record, row, incoming, _replaced(request, record))
        return _done(request, record, own_key, incoming)

    def delete(self, request: Request, record_type: str, key: str) -> Response:
        """Remove a record."""
        record = known(record_type)
        with self.store.writing() as db:
            records = self._records(db)
            records.delete(record, records.find(record, key))
        return Response(status=204)

    def _records(self, db: sqlite3.Connection) -> Records:
        return Records(store=self.store, db=db, settings=self.settings)

    def _today(self) -> str:
        return self.store.local(self.store.now())[:10]


def known(name: str) -> RecordType:
    """The record type, whatever the case of its letters. Raises `RestError` 404."""
    for record in RECORD_TYPES.values():
        if record.name.lower() == name.lower():
            return record
    raise RestError(404, "NONEXISTENT_ID", f"Record type '{name}' does not exist.")


def body_of(request: Request) -> Mapping[str, Any]:
    """The JSON object that was sent."""
    if request.mimetype not in _BODY_TYPES:
        words = f"Invalid content type {request.mimetype or '(none)'}. Use application/json."
        raise RestError(415, "INVALID_REQUEST", words, errorHeader="Content-Type")
    try:
        body = json.loads(request.get_data())
    except ValueError:
        raise bad_request("The request could not be understood by the server due to malformed syntax.") from None
    if not isinstance(body, dict):
        raise bad_request("The request could not be understood by the server due to malformed syntax.")
    return body


def page_of(request: Request) -> tuple[int, int]:
    """`limit` and `offset`; the offset has to be a multiple of the limit."""
    limit, offset = _number(request, "limit", MOST_ROWS), _number(request, "offset", 0)
    if not 1 <= limit <= MOST_ROWS:
        raise bad_parameter(f"Invalid value for the limit parameter. It must be between 1 and {MOST_ROWS}.", "limit")
    if offset % limit:
        raise bad_parameter("Invalid value for the offset parameter. It must be divisible by the limit.", "offset")
    return limit, offset


def answer(document: Mapping[str, Any], mimetype: str = "application/json") -> Response:
    """A document as the body of an answer."""
    return Response(json.dumps(document, ensure_ascii=False), content_type=mimetype)


def _number(request: Request, name: str, default: int) -> int:
    given = request.args.get(name, str(default))
    if not given.isdecimal():
        raise bad_parameter(f"Invalid value {given} for the {name} parameter.", name)
    return int(given)


def _expands(request: Request) -> bool:
    return request.args.get("expandSubResources", "false").lower() == "true"


def _validation(request: Request) -> str:
    given = request.headers.get(_NAMES_HEADER, "warning").lower()
    if given not in _VALIDATIONS:
        raise bad_request(f"Invalid value {given} of the header {_NAMES_HEADER}.", header=_NAMES_HEADER)
    return given


def _replaced(request: Request, record: RecordType) -> frozenset[str]:
    names = frozenset(filter(None, request.args.get("replace", "").split(",")))
    if unknown := names - set(record.sublist):
        raise bad_parameter(f"Invalid sublist name in the query parameter: {', '.join(sorted(unknown))}.", "replace")
    return names


def _done(request: Request, record: RecordType, key: int, incoming: Incoming) -> Response:
    headers = {"Location": f"{request.host_url.rstrip('/')}{PATH}/{record.name}/{key}"}
    if incoming.unknown and _validation(request) == "warning":
        headers["X-NetSuite-Warning"] = f"Unknown properties were ignored: {', '.join(incoming.unknown)}"
    return Response(status=204, headers=headers)
